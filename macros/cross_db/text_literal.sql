{#
    A text as an SQL literal, quotes escaped. dbt.string_literal alone does not escape.

    Arguments: text.
    Call:      {{ text_literal("O'Brien") }}  ->  'O''Brien'
#}
{% macro text_literal(text) -%}
    {{ return(dbt.string_literal(dbt.escape_single_quotes(text | string))) }}
{%- endmacro %}
