{#
    Prints where a person stands in the warehouse: every column of every table and of the views of staging that holds the id, an
    e-mail of the user or an anonymous id of theirs, and in how many rows. For the question "what do you have on me?".

    Arguments: user_id; email (an address that the inputs do not give, say of somebody who was forgotten).
    Call:      dbt run-operation find_user --args '{user_id: "u00012"}'
    Prints:    marts.users.user_id                                       1 row
               raw.sample_users.email                                    1 row
#}
{% macro find_user(user_id, email=none) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set problems = segmentation._person_problems('find_user', user_id, email) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {% set relations = segmentation._searched_relations() %}
    {% set traces = segmentation._traces(segmentation._person(segmentation._trimmed_id(user_id), email), relations) %}
    {% set lines = [] %}
    {% for trace in traces %}
        {% do lines.append('%-60s %7d row%s' | format(trace.name ~ '.' ~ trace.column, trace.rows, '' if trace.rows == 1 else 's')) %}
    {% endfor %}
    {% do lines.append(
        'Looked in ' ~ segmentation._searched_text(relations) ~ ': '
        ~ ('found in ' ~ traces | length ~ ' of them.' if traces else 'nothing found.')
    ) %}
    {% do print(lines | join('\n')) %}
{% endmacro %}
