{#
    The columns that a table is cut by, for `partition_by`: those given on engines that replace whole parts, none on others.

    Arguments: columns (list of names).
    Call:      {{ config(partition_by=partition_columns(['event_date'])) }}
#}
{% macro partition_columns(columns) -%}
    {{ return(adapter.dispatch('partition_columns', 'segmentation')(columns)) }}
{%- endmacro %}

{% macro default__partition_columns(columns) -%}{{ return(none) }}{%- endmacro %}

{% macro spark__partition_columns(columns) -%}{{ return(columns) }}{%- endmacro %}
