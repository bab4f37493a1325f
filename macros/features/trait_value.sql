{#
    SQL for the value of a trait of a project's own, from a text, in the trait's type. What cannot be read is NULL (and is listed, by
    the input's contract, in unreadable_values).

    Arguments: trait (an entry of traits()), expression (SQL, text).
    Call:      {{ trait_value(trait, 'users.contacts_count') }}
#}
{% macro trait_value(trait, expression) -%}
    {%- if trait.type == 'list' -%}
        {{ segmentation.list_text(expression) }}
    {%- else -%}
        {{ segmentation._typed(expression, segmentation._input_types_of_traits()[trait.type], 'UTC') }}
    {%- endif -%}
{%- endmacro %}
