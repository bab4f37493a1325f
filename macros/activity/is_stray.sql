{#
    SQL that is true if rows on the far side of a gap of more than `max_gap_days` are too few to decide about dates: less than
    max_gap_share of all rows, or fewer than max_gap_events and less than a quarter of them.

    Arguments: rows_beyond, all_rows (SQL, numbers of rows).
    Call:      {{ is_stray('events_from_here', 'all_events') }}
    Errors:    a gap variable that is not what dbt_project.yml says stops the parse.
#}
{% macro is_stray(rows_beyond, all_rows) -%}
    {%- set problems = segmentation._gap_problems(var('max_gap_days'), var('max_gap_share'), var('max_gap_events')) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    (
        {{ rows_beyond }} < {{ all_rows }} * {{ var('max_gap_share') }}
        or ({{ rows_beyond }} < {{ var('max_gap_events') }} and 4 * {{ rows_beyond }} < {{ all_rows }})
    )
{%- endmacro %}

{# What is wrong with the variables of the gap rule, as a list of texts. #}
{% macro _gap_problems(days, share, events) -%}
    {%- set problems = [] -%}
    {%- if days is not integer or days is boolean or days < 1 -%}
        {%- do problems.append('vars: max_gap_days: must be a whole number ≥ 1, got ' ~ tojson(days) ~ '.') -%}
    {%- endif -%}
    {%- if share is not number or share is boolean or share < 0 or share > 1 -%}
        {%- do problems.append('vars: max_gap_share: must be a number from 0 to 1, got ' ~ tojson(share) ~ '.') -%}
    {%- endif -%}
    {%- if events is not integer or events is boolean or events < 0 -%}
        {%- do problems.append('vars: max_gap_events: must be a whole number ≥ 0, got ' ~ tojson(events) ~ '.') -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
