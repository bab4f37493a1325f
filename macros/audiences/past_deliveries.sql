{#
    The relation that the variable `past_deliveries` names: who was sent and held out by deliveries that the state does not remember.
    Without one an empty relation of the right shape.

    Call:   select * from {{ past_deliveries() }}
    Errors: an entry of another form stops the parse.
#}
{% macro past_deliveries() -%}
    {%- set place = segmentation.setting('past_deliveries') -%}
    {%- if not place -%}
        (
            select
                cast(null as {{ dbt.type_string() }}) as user_id,
                cast(null as {{ dbt.type_string() }}) as audience,
                cast(null as {{ dbt.type_string() }}) as is_held_out,
                cast(null as {{ dbt.type_string() }}) as delivered_through
            where false
        )
    {%- elif place is string -%}
        {{ ref(place) }}
    {%- else -%}
        {{ source(place['source'], place['table']) }}
    {%- endif -%}
{%- endmacro %}
