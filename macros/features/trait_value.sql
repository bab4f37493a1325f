{#
    SQL for the value of a trait of a project's own, from a text, in the trait's type. What cannot be read is NULL (and is listed, by
    the input's contract, in unreadable_values).

    Arguments: trait (an entry of traits()), expression (SQL, text).
    Call:      {{ trait_value(trait, 'users.contacts_count') }}
#}
{% macro trait_value(trait, expression) -%}
    {%- if trait.type == 'list' -%}
        {{ segmentation.list_text(expression) }}
    {%- elif trait.type == 'bigint' -%}
        {{ segmentation.to_number(expression, 'integer') }}
    {%- elif trait.type == 'double' -%}
        {{ segmentation.to_number(expression, 'double') }}
    {%- elif trait.type == 'boolean' -%}
        {{ segmentation.to_boolean(expression) }}
    {%- elif trait.type == 'date' -%}
        cast({{ segmentation.to_utc(expression, 'UTC') }} as date)
    {%- else -%}
        {{ expression }}
    {%- endif -%}
{%- endmacro %}
