{#
    The SHA-256 of a text as 64 lower-case hexadecimal digits; NULL of NULL.

    Arguments: expression (SQL, text).
    Call:      {{ sha256_hex('email') }}
#}
{% macro sha256_hex(expression) -%}
    {{ return(adapter.dispatch('sha256_hex', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__sha256_hex(expression) -%}{{ segmentation._not_written('sha256_hex') }}{%- endmacro %}

{% macro duckdb__sha256_hex(expression) -%}
    sha256({{ expression }})
{%- endmacro %}

{% macro spark__sha256_hex(expression) -%}
    sha2({{ expression }}, 256)
{%- endmacro %}
