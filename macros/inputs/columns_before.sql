{#
    The columns that something had when remember_columns() last wrote them down: column -> type; empty if it never did. For hooks: it
    asks the database, the table seen_columns of record_run().

    Arguments: key (of what has the columns: the name of an input, or another text).
    Call:      {% set before = columns_before('users') %}
#}
{% macro columns_before(key) %}
    {% set before = {} %}
    {% for row in run_query(
        'select column_name, column_type from ' ~ segmentation._state_table('seen_columns') ~ ' where input = ' ~ segmentation.text_literal(key)
    ).rows %}
        {% do before.update({row[0]: row[1]}) %}
    {% endfor %}
    {{ return(before) }}
{% endmacro %}
