{# The first row of a query as a mapping column -> value; empty if there is none. #}
{% macro _first_row(sql) %}
    {% set found = {} %}
    {% set result = run_query(sql) %}
    {% if result.rows | length > 0 %}
        {% for column in result.column_names %}{% do found.update({column: result.rows[0][loop.index0]}) %}{% endfor %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}

{# The values in the first column of a query's result, as a list. #}
{% macro _first_column(query) %}
    {% set values = [] %}
    {% for row in run_query(query).rows %}{% do values.append(row[0]) %}{% endfor %}
    {{ return(values) }}
{% endmacro %}
