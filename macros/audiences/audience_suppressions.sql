{#
    The relation that the variable `audience_suppressions` names: people to whom nothing is sent, whatever they agreed to. Without one
    an empty relation of the right shape.

    Call:   select * from {{ audience_suppressions() }}
    Errors: an entry of another form stops the parse.
#}
{% macro audience_suppressions() -%}
    {%- set place = segmentation.setting('audience_suppressions') -%}
    {%- if not place -%}
        (
            select
                cast(null as {{ dbt.type_string() }}) as user_id,
                cast(null as {{ dbt.type_string() }}) as email_sha256
            where false
        )
    {%- elif place is string -%}
        {{ ref(place) }}
    {%- else -%}
        {{ source(place['source'], place['table']) }}
    {%- endif -%}
{%- endmacro %}
