{#
    Statements, as a list, that make a table anew from a SELECT, whether it is there or not.

    Arguments: relation, query (SQL).
    Call:      {{ run_statements(replace_table(place, 'select 1 as one')) }}
#}
{% macro replace_table(relation, query) -%}
    {{ return(adapter.dispatch('replace_table', 'segmentation')(relation, query)) }}
{%- endmacro %}

{% macro default__replace_table(relation, query) -%}
    {{ return(['drop table if exists ' ~ relation, 'create table ' ~ relation ~ ' as ' ~ query]) }}
{%- endmacro %}

{% macro duckdb__replace_table(relation, query) -%}
    {{ return(['create or replace table ' ~ relation ~ ' as ' ~ query]) }}
{%- endmacro %}
