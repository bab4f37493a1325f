{#
    Whether a text in lower case is an e-mail address that every destination takes: the form in which HTML defines a valid address,
    with a dot in the domain, and with a letter, digit or underscore in front. The last rule keeps out what a spreadsheet would
    run as a formula (=, +, -, @); letters beyond ASCII have to come as punycode. NULL of NULL.

    Arguments: expression (SQL, text).
    Call:      {{ is_email('email') }}
    Source:    html.spec.whatwg.org, "valid e-mail address".
#}
{% macro is_email(expression) -%}
    {{ return(adapter.dispatch('is_email', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__is_email(expression) -%}{{ segmentation._not_written('is_email') }}{%- endmacro %}

{% macro duckdb__is_email(expression) -%}
    {%- set label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' -%}
    regexp_full_match({{ expression }}, '[a-z0-9_][a-z0-9.!#$%&''*+/=?^_`{|}~-]{0,63}@{{ label }}(\.{{ label }})+')
{%- endmacro %}

{% macro spark__is_email(expression) -%}
    {%- set label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?' -%}
    {{ expression }} rlike {{ segmentation.text_literal(
        "^[a-z0-9_][a-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@" ~ label ~ '([.]' ~ label ~ ')+\\z'
    ) }}
{%- endmacro %}
