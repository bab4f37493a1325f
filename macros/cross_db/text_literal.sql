{#
    A text as an SQL literal, quotes escaped. dbt.string_literal alone does not escape.

    Arguments: text.
    Call:      {{ text_literal("O'Brien") }}  ->  'O''Brien'
#}
{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal', 'segmentation')(text)) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    {{ return(dbt.string_literal(dbt.escape_single_quotes(text | string))) }}
{%- endmacro %}

{# A backslash begins an escape there, and two quotes in a row may be two literals. #}
{% macro spark__text_literal(text) -%}
    {{ return("'" ~ (text | string).replace('\\', '\\\\').replace("'", "\\u0027") ~ "'") }}
{%- endmacro %}
