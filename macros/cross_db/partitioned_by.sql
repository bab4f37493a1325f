{#
    Where a table is cut, on engines that replace whole parts of it: a clause of `create table`, or nothing.

    Arguments: columns (list of names).
    Call:      create table built.x (…) {{ partitioned_by(['as_of_date']) }}
#}
{% macro partitioned_by(columns) -%}
    {{ return(adapter.dispatch('partitioned_by', 'segmentation')(columns)) }}
{%- endmacro %}

{% macro default__partitioned_by(columns) -%}{{ return('') }}{%- endmacro %}

{% macro spark__partitioned_by(columns) -%}
    {{ return('using parquet' ~ (' partitioned by (' ~ columns | join(', ') ~ ')' if columns else '')) }}
{%- endmacro %}
