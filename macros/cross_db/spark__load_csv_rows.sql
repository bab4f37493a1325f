{#
    How dbt loads a seed into Spark: Spark reads the file itself, all columns as text, and casts them to `column_types`. In the place of
    dbt-spark's macro, which writes the rows as literals without escaping quotes, and takes minutes for 50,000 rows.
    On a cluster, every worker must see the file: seeds are for samples and small tables of reference.

    Arguments: model, agate_table (from dbt's materialization seed).
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set path = (model.root_path or '.') ~ '/' ~ model.original_file_path %}
    {% call statement('_') %}
        create or replace temporary view {{ model.alias }}__file using csv options (
            path {{ segmentation.text_literal(path) }}, header 'true', sep {{ segmentation.text_literal(config.get('delimiter', ',')) }},
            quote '"', escape '"', multiLine 'true', encoding 'UTF-8', nullValue '', emptyValue '', ignoreLeadingWhiteSpace 'false',
            ignoreTrailingWhiteSpace 'false'
        )
    {% endcall %}
    {% set columns, types = [], model.config.get('column_types', {}) %}
    {% for name in agate_table.column_names %}
        {% do columns.append('cast(' ~ adapter.quote(name) ~ ' as ' ~ types.get(name, 'string') ~ ')') %}
    {% endfor %}
    {% set sql = 'insert into ' ~ this ~ ' select ' ~ columns | join(', ') ~ ' from ' ~ model.alias ~ '__file' %}
    {% do adapter.add_query(sql, bindings=[], abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
