{#
    How an incremental model replaces the rows of whole values of its key, for `incremental_strategy`; what it is cut by, for
    `partition_by`, is partition_columns().

    Call: {{ config(materialized='incremental', incremental_strategy=replacing_strategy(), unique_key='event_date') }}
#}
{% macro replacing_strategy() -%}
    {{ return(adapter.dispatch('replacing_strategy', 'segmentation')()) }}
{%- endmacro %}

{% macro default__replacing_strategy() -%}{{ return('delete+insert') }}{%- endmacro %}

{% macro spark__replacing_strategy() -%}{{ return('insert_overwrite') }}{%- endmacro %}
