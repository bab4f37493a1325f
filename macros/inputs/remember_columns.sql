{#
    The statements that write down which columns something has, in the place of what columns_before() found: in the table seen_columns of
    record_run().

    Arguments: key (see columns_before()), types (column -> type).
    Returns:   list of SQL statements.
    Call:      {% for statement in remember_columns('users', {'user_id': 'VARCHAR'}) %}{% do _run(statement) %}{% endfor %}
#}
{% macro remember_columns(key, types) %}
    {% set seen = segmentation._state_table('seen_columns') %}
    {% set input = segmentation.text_literal(key) %}
    {% set rows = [] %}
    {% for column, type in types.items() %}
        {% do rows.append('(' ~ input ~ ', ' ~ segmentation.text_literal(column) ~ ', ' ~ segmentation.text_literal(type) ~ ')') %}
    {% endfor %}
    {{ return([segmentation.delete_rows(seen, 'input = ' ~ input), 'insert into ' ~ seen ~ ' values ' ~ rows | join(', ')]) }}
{% endmacro %}
