{#
    Post-hook of a seed that is an input or holds past deliveries: deletes the rows of persons who were forgotten
    (docs/privacy.md), before they are committed. Nothing where nobody is forgotten, or the table is neither.

    Call: +post-hook: "{{ segmentation.remove_forgotten() }}"
#}
{% macro remove_forgotten() -%}
    {%- if not execute %}{{ return('') }}{% endif -%}
    {%- set names = [] -%}
    {%- for name, place in segmentation.setting('inputs').items() if place == model.name and segmentation.input_subject(name) -%}
        {%- if not segmentation._lacks_subject(name) -%}{%- do names.append(name) -%}{%- endif -%}
    {%- endfor -%}
    {%- set list = segmentation._forgotten_list() -%}
    {#- Past deliveries name users as inputs do. -#}
    {%- if model.name == segmentation.setting('past_deliveries') -%}{%- do names.append('campaign_messages') -%}{%- endif -%}
    {%- if not names or not list or run_query('select count(*) from ' ~ list).rows[0][0] == 0 -%}{{ return('') }}{%- endif -%}
    {{ segmentation.delete_rows(
        this,
        segmentation.sha256_hex(segmentation.input_subject(names[0], segmentation.trimmed_text('{}')))
        ~ ' in (select forgotten.subject_hash from ' ~ list ~ ' as forgotten)'
    ) }}
{%- endmacro %}

{# Whether the table lacks a column, as it may, that would say whose its rows are: invoices of accounts alone. #}
{% macro _lacks_subject(name) %}
    {% set there = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list %}
    {% set subject = segmentation.input_subject(name, '[{}]') %}
    {% set lacking = [] %}
    {% for column in segmentation.input_contract(name).get('may_be_missing', []) if column not in there and '[' ~ column ~ ']' in subject %}
        {% do lacking.append(column) %}
    {% endfor %}
    {{ return(lacking | length > 0) }}
{% endmacro %}

{#
    The table of the forgotten, or none on the first build. By the graph and not by ref(): a hook that depended on a model would
    make every seed wait for it.
#}
{% macro _forgotten_list() %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'forgotten_users' %}
        {% set is_there = node.alias in segmentation.table_names(node.database, node.schema) %}
        {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) if is_there else none) }}
    {% endfor %}
    {{ return(none) }}
{% endmacro %}
