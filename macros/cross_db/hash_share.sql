{#
    A number from 0 to below 1 for a text, by its md5 (the first eight digits over 16^8): evenly spread, and the same whatever the
    order, the engine and the other rows. Below a share s lie that share of all texts, and below a larger one the same
    and more.

    Arguments: expression (SQL, text).
    Call:      {{ hash_share("'salt|' || user_id") }} < 0.1
#}
{% macro hash_share(expression) -%}
    {{ return(adapter.dispatch('hash_share', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__hash_share(expression) -%}{{ segmentation._not_written('hash_share') }}{%- endmacro %}

{% macro duckdb__hash_share(expression) -%}
    cast(cast('0x' || substr(md5({{ expression }}), 1, 8) as bigint) as double) / 4294967296e0
{%- endmacro %}

{% macro spark__hash_share(expression) -%}
    cast(conv(substr(md5({{ expression }}), 1, 8), 16, 10) as double) / 4294967296e0
{%- endmacro %}
