{#
    A text as an SQL literal, or a typed NULL for none.

    Arguments: text (or none).
    Call:      {{ text_or_null(none) }}  ->  cast(null as varchar)
#}
{% macro text_or_null(text) -%}
    {{ return(segmentation.text_literal(text) if text is not none else 'cast(null as ' ~ dbt.type_string() ~ ')') }}
{%- endmacro %}
