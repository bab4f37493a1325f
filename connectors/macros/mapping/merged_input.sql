{#
    Users or accounts from all tools that give them, a row per id: each attribute from the first tool that has a value, in the order of
    attribute_priority(). Of several rows that a tool has of an id, its newest counts. With one tool, its rows as they are.

    Arguments: input (users or accounts).
    Call:      {{ merged_input('users') }}
#}
{% macro merged_input(input) -%}
{%- set columns = segmentation.input_contract(input).columns.keys() | list -%}
{%- set key = segmentation.input_contract(input).key[0] -%}
{%- if segmentation_connectors.tools_giving(input) | length == 1 -%}
{{ segmentation_connectors.united_input(input) }}
{%- else -%}
with
newest as (
    {{ segmentation_connectors.newest_of_tools(input) }}
),

merged as (
    select
        {{ key }},
        {%- for column in columns if column not in (key, 'updated_at') %}
        {{ segmentation_connectors._of_first_tool(input, column) }} as {{ column }},
        {%- endfor %}
        max(updated_at) as updated_at,
        string_agg(tool, ', ' order by tool) as tool
    from newest
    group by {{ key }}
)

select * from merged
{%- endif -%}
{%- endmacro %}

{# The value of the first tool that has one, as SQL over the rows of an id. #}
{% macro _of_first_tool(input, column) -%}
    coalesce(
        {%- for tool in segmentation_connectors.attribute_priority(input, column) %}
        max({{ column }}) filter (where tool = '{{ tool }}'),
        {%- endfor %}
        cast(null as varchar)
    )
{%- endmacro %}
