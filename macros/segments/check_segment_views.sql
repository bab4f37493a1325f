{#
    A pre-hook of user_segments: stops the build where the view of a segment is older than its file, as after
    `dbt run -s user_segments` on its own. The memberships would be those of the old definition, and count as the new one's.
    Only on DuckDB, which tells the text of a view.
#}
{% macro check_segment_views() -%}
    {%- set expected = {} -%}
    {%- for segment in segmentation.segments_in_use() if execute -%}
        {%- set own = segmentation.segment_entry(segment).get('segment') -%}
        {%- if own -%}{%- do expected.update({segment: own.definition_hash}) -%}{%- endif -%}
    {%- endfor -%}
    {%- set problems = [] -%}
    {%- for segment in (adapter.dispatch('outdated_views', 'segmentation')(expected) if expected else []) -%}
        {%- do problems.append(
            'user_segments: the view of `' ~ segment ~ '` is older than its file. Build it too: dbt build -s +user_segments'
        ) -%}
    {%- endfor -%}
    {%- do segmentation._raise_problems(problems) -%}
{%- endmacro %}

{# The models, of a mapping of model to text, whose view does not contain their text. #}
{% macro default__outdated_views(expected) -%}{{ return([]) }}{%- endmacro %}

{% macro duckdb__outdated_views(expected) -%}
    {%- set texts = {} -%}
    {%- for row in run_query("select database_name || '.' || schema_name || '.' || view_name as place, sql from duckdb_views()") -%}
        {%- do texts.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for name, text in expected.items() -%}
        {%- set view = ref(name) -%}
        {%- if text not in texts.get(view.database ~ '.' ~ view.schema ~ '.' ~ view.identifier, '') -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
