{#
    The statement that makes the table of a model by date from its first slice.

    Arguments: relation, sql (SELECT).
    Call:      {{ create_by_date(target_relation, sql) }}
#}
{% macro create_by_date(relation, sql) -%}
    {{ return(adapter.dispatch('create_by_date', 'segmentation')(relation, sql)) }}
{%- endmacro %}

{% macro default__create_by_date(relation, sql) -%}
    {{ get_create_table_as_sql(False, relation, sql) }}
{%- endmacro %}

{# Cut by date, so that a date can be overwritten. #}
{% macro spark__create_by_date(relation, sql) -%}
    create table {{ relation }}
    using parquet
    partitioned by (as_of_date)
    {{ comment_clause() }}
    as
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {{ get_select_subquery(sql) }}
    {%- else %}
    {{ sql }}
    {%- endif %}
{%- endmacro %}
