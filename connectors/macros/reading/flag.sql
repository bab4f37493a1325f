{#
    Text as a boolean, false where it is empty or neither.

    Arguments: text (SQL).
    Call:      {{ flag('is_deleted') }}
#}
{% macro flag(text) -%}
    coalesce({{ segmentation.to_boolean(text) }}, false)
{%- endmacro %}
