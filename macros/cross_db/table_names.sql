{#
    The tables and views that a schema holds, as a list of names. Asks the database: for hooks and operations only.

    Not from dbt's cache, which knows the table of a first build before its transaction is committed.

    Arguments: database, schema (texts).
    Call:      {{ 'user_features' in table_names(this.database, 'built') }}
#}
{% macro table_names(database, schema) -%}
    {{ return(adapter.dispatch('table_names', 'segmentation')(database, schema)) }}
{%- endmacro %}

{% macro default__table_names(database, schema) -%}
    {%- set query -%}
        select tables.table_name
        from information_schema.tables as tables
        where
            tables.table_catalog = {{ segmentation.text_literal(database) }} and tables.table_schema = {{ segmentation.text_literal(schema) }}
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | list) }}
{%- endmacro %}

{% macro spark__table_names(database, schema) -%}
    {%- set names = [] -%}
    {%- if run_query('show schemas like ' ~ segmentation.text_literal(schema)).rows -%}
        {%- for row in run_query('show tables in ' ~ schema).rows -%}{%- do names.append(row['tableName']) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(names) }}
{%- endmacro %}
