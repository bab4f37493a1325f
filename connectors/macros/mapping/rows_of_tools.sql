{#
    The rows of an input that each of its tools gives, one below the other, with `tool` and left_out_because; also those that were left
    out.

    Arguments: input.
    Call:      select * from ({{ rows_of_tools('events') }})
#}
{% macro rows_of_tools(input) -%}
    {%- set columns = segmentation.input_contract(input).columns.keys() | list -%}
    {%- for tool in segmentation_connectors.tools_giving(input) %}
    {%- set relation = ref(var('connectors')['own'][input] if tool == 'own' else 'connector_' ~ tool ~ '_' ~ input) %}
    {{ 'union all' if not loop.first }}
    select
        '{{ tool }}' as tool,
        {%- for column in columns + ['left_out_because'] %}
        cast({{ column }} as varchar) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ segmentation.with_missing_columns(relation, columns + ['left_out_because']) if tool == 'own' else 'select * from ' ~ relation }})
    {%- endfor %}
{%- endmacro %}
