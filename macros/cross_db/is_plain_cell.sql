{#
    Whether a text can stand in a CSV cell that somebody opens in a spreadsheet: no formula (=, +, -, @ in front) and no control
    character, line breaks included. NULL of NULL.

    Arguments: expression (SQL, text).
    Call:      {{ is_plain_cell('user_id') }}
    Source:    owasp.org/www-community/attacks/CSV_Injection.
#}
{% macro is_plain_cell(expression) -%}
    {{ return(adapter.dispatch('is_plain_cell', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__is_plain_cell(expression) -%}{{ segmentation._not_written('is_plain_cell') }}{%- endmacro %}

{% macro duckdb__is_plain_cell(expression) -%}
    regexp_full_match({{ expression }}, '[^=+@\x00-\x1f\x7f-][^\x00-\x1f\x7f]*')
{%- endmacro %}

{% macro spark__is_plain_cell(expression) -%}
    {{ expression }} rlike {{ segmentation.text_literal('^[^=+@\\x00-\\x1f\\x7f-][^\\x00-\\x1f\\x7f]*\\z') }}
{%- endmacro %}
