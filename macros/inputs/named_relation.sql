{#
    The relation that a variable names, or an empty one with the same columns, as text, where it names none.

    Arguments: place (the name of a seed or model, {source: s, table: t}, or none or false), columns (list of names).
    Call:      {{ named_relation(setting('personas'), ['segment', 'name']) }}
#}
{% macro named_relation(place, columns) -%}
    {%- if not place -%}
        (
            select
                {%- for column in columns %}
                cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ',' if not loop.last }}
                {%- endfor %}
            where false
        )
    {%- elif place is string -%}
        {{ ref(place) }}
    {%- else -%}
        {{ source(place['source'], place['table']) }}
    {%- endif -%}
{%- endmacro %}
