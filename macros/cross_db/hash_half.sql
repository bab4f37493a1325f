{#
    0 or 1 for a text, by its md5: a half that no order, no engine and no other row changes. For splits into a half on which
    something is found and one on which it is judged.

    Arguments: expression (SQL, text).
    Call:      {{ hash_half('user_id') }} as half
#}
{% macro hash_half(expression) -%}
    {{ return(adapter.dispatch('hash_half', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__hash_half(expression) -%}
    case when substr(md5({{ expression }}), 1, 1) in ('0', '1', '2', '3', '4', '5', '6', '7') then 0 else 1 end
{%- endmacro %}
