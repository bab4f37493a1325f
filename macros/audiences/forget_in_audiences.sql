{#
    SQL statements that take a user's id out of the state of audiences, for whoever forgets a person. What the destination knows the person
    by stays in the row until the removal is delivered: without it nobody could be told to forget. The next build makes the row a
    removal (reason deleted), `make audiences` writes it and deletes the row, and its copy in the backup.

    Returns a list, also for the backups that exist: run them in order. `make audiences CLEAN=1` deletes the files of earlier deliveries.

    Arguments: user_id, relations (the relations of audience_deliveries and, where there is one, of its __backup).
    Call:      {% for statement in forget_in_audiences('u0001', [ref('audience_deliveries')]) %}
#}
{% macro forget_in_audiences(user_id, relations) %}
    {% set statements = [] %}
    {% for relation in relations %}
        {% do statements.append(
            "update " ~ relation ~ " set user_id = 'forgotten-' || entry_number where user_id = "
            ~ segmentation.text_literal(user_id)
        ) %}
    {% endfor %}
    {{ return(statements) }}
{% endmacro %}
