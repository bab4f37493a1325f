{#
    The columns of all tables and views of the database, as a list of lists in the order of schema, table and place: schema, table,
    column, whether it is a table (not a view), type in upper case. Asks the database: for operations only.

    Call: {% for schema, name, column, is_table, type in catalog_columns() %}
#}
{% macro catalog_columns() -%}
    {{ return(adapter.dispatch('catalog_columns', 'segmentation')()) }}
{%- endmacro %}

{% macro default__catalog_columns() -%}
    {%- set query -%}
        select
            columns.table_schema,
            columns.table_name,
            columns.column_name,
            tables.table_type = 'BASE TABLE' as is_table,
            upper(columns.data_type) as data_type
        from information_schema.columns as columns
        inner join information_schema.tables as tables
            on
                columns.table_catalog = tables.table_catalog
                and columns.table_schema = tables.table_schema
                and columns.table_name = tables.table_name
        where columns.table_catalog = {{ segmentation.text_literal(target.database) }}
        order by columns.table_schema, columns.table_name, columns.ordinal_position
    {%- endset -%}
    {{ return(run_query(query).rows) }}
{%- endmacro %}

{# Of the schemas that this project writes. #}
{% macro spark__catalog_columns() -%}
    {%- set schemas, found = ['built'], [] -%}
    {%- for node in graph.nodes.values() if node.resource_type in ['model', 'seed'] and node.schema not in schemas -%}
        {%- do schemas.append(node.schema) -%}
    {%- endfor -%}
    {%- for schema in schemas | sort -%}
        {%- set views = run_query('show views in ' ~ schema).columns['viewName'].values() | list -%}
        {%- for name in segmentation.table_names(none, schema) | sort -%}
            {%- for column, type in segmentation.column_types(schema ~ '.' ~ name).items() -%}
                {%- do found.append([schema, name, column, name not in views, type]) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
