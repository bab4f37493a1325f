{#
    How dbt loads a seed into DuckDB: as a plain CSV file (RFC 4180). Takes the place of dbt-duckdb's macro, by which DuckDB guesses from the first
    rows what a quote is: a column with 'single quotes' lost them, and a file with an unclosed quote was read in some other way.
    A row that does not fit stops the build; `make build` says before it which one (scripts/checking/seeds.py).

    Arguments: model, agate_table (from dbt's materialization seed).
#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% if not config.get('fast', true) %}{{ return(default__load_csv_rows(model, agate_table)) }}{% endif %}
    {% set path = adapter.get_seed_file_path(model) %}
    {% set sql %}
        copy {{ this.render() }} from {{ segmentation.text_literal(path) }} (
            format csv, header true, delimiter {{ segmentation.text_literal(config.get('delimiter', ',')) }}, quote '"', escape '"'
        )
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
