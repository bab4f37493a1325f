{#
    The relation that the variable `personas` names: segment, name, backstory, goals, frustrations and quotes of made-up people who
    stand for a segment. Without one an empty relation of the right shape.

    Call:   select * from {{ personas() }}
    Errors: an entry of another form stops the parse.
#}
{% macro personas() -%}
    {%- set place = segmentation.setting('personas') -%}
    {%- if not place -%}
        (
            select
                {%- for column in ['segment', 'name', 'backstory', 'goals', 'frustrations', 'quotes'] %}
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
