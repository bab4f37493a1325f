{#
    An aggregate of texts: all of them in their order, with a comma and a blank between them; NULL where there is none.

    Arguments: expression (SQL of a text).
    Call:      {{ listed_in_order('segment') }} as segments
#}
{% macro listed_in_order(expression) -%}
    {{ return(adapter.dispatch('listed_in_order', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__listed_in_order(expression) -%}
    {{ dbt.listagg(expression, "', '", 'order by ' ~ expression) }}
{%- endmacro %}

{# Spark's listagg() in dbt leaves the order to chance. #}
{% macro spark__listed_in_order(expression) -%}
    nullif(array_join(array_sort(collect_list({{ expression }})), ', '), '')
{%- endmacro %}
