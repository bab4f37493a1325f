{#
    SHA-256 of a text as 64 hexadecimal digits; NULL for NULL. Unlike fingerprint() it is the same in every engine and version.

    Arguments: expression (SQL of a text).
    Call:      {{ sha256('user_id') }}
#}
{% macro sha256(expression) -%}
    {{ return(adapter.dispatch('sha256', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__sha256(expression) -%}
    sha256({{ expression }})
{%- endmacro %}
