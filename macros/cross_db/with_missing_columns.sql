{#
    All rows of a relation, with the columns it lacks as NULL text. Columns that it has are left as they are.

    No look at the catalog: which columns are there is decided by the engine when the query runs, so that parse and compile
    need no warehouse.

    Arguments: relation (anything that can stand after `from`), columns (names that may be missing).
    Call:      {{ with_missing_columns(ref('my_tickets'), ['updated_at']) }}
    Renders:   select * from my_tickets union all by name select cast(null as varchar) as updated_at where false
#}
{% macro with_missing_columns(relation, columns) -%}
    {{ return(adapter.dispatch('with_missing_columns', 'segmentation')(relation, columns)) }}
{%- endmacro %}

{% macro default__with_missing_columns(relation, columns) -%}{{ segmentation._not_written('with_missing_columns') }}{%- endmacro %}

{% macro duckdb__with_missing_columns(relation, columns) -%}
    select * from {{ relation }}
    {%- if columns %}
    union all by name
    select
        {%- for column in columns %}
        cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endif %}
{%- endmacro %}

{# Spark's SQL has no union by name: the columns that are there are asked for, when the model runs. #}
{% macro spark__with_missing_columns(relation, columns) -%}
    {%- set there = segmentation.column_types(relation) if execute and columns and flags.WHICH not in ['parse', 'compile', 'list'] else {} -%}
    select
        *
        {%- for column in columns if column not in there %},
        cast(null as {{ dbt.type_string() }}) as {{ column }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
