{#
    Removes a person from every table of the warehouse, and makes all builds to come leave the person out: hashes of the id,
    the e-mail and the anonymous ids go into state.forgotten_users, by which staging filters. Then it looks for the person in
    every column of every table and of the views of staging, says where it looked, and fails if anything is left.

    The person's own rows are deleted; where another row's text names the person, the name is replaced by [forgotten].
    A table that knows what was delivered to others needs its rows until the removal is delivered too: its model's config names
    in `meta: {on_forget: …}` a macro of this package or project (user_id, relations), which returns the statements that are run
    instead; copies (<table>__backup) are among the relations. All in one transaction: if it fails, nothing has changed.

    Aggregates of past dates follow with the next build. The file keeps the bytes of deleted rows until it is written
    anew: `make forget-user USER=…` does both, and publishes again.

    Arguments: user_id; email (a further address of the person that the inputs do not give).
    Call:      dbt run-operation forget_user --args '{user_id: "u00012"}'
    Errors:    an id that no input and no table holds and that was not forgotten before; a trace that is left.
#}
{% macro forget_user(user_id, email=none) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set problems = segmentation._person_problems('forget_user', user_id, email) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {% set list = ref('forgotten_users') %}
    {% if not load_relation(list) %}
        {{ exceptions.raise_compiler_error(
            'forget_user: the table ' ~ list.render() ~ ' does not exist yet. Run `dbt build` once, then try again.'
        ) }}
    {% endif %}
    {% set person = segmentation._person(segmentation._trimmed_id(user_id), email) %}
    {% set relations = segmentation._searched_relations() %}
    {% set hashes = [] %}
    {% for subject in segmentation._subjects_of(person) %}
        {% do hashes.append(segmentation.sha256_hex(segmentation.text_literal(subject))) %}
    {% endfor %}
    {% set found = segmentation._traces(person, relations) %}
    {% set before = run_query('select count(*) from ' ~ list ~ ' where subject_hash = ' ~ hashes[0]).rows[0][0] %}
    {% if not person.is_known and not before and not found %}
        {{ exceptions.raise_compiler_error(
            "forget_user: the user '" ~ person.user_id ~ "' was not found in any input or table. Ids are compared exactly."
        ) }}
    {% endif %}
    {% set lines = ['Forgetting one user: the id, ' ~ person.emails | length ~ ' email address'
        ~ ('es' if person.emails | length != 1 else '') ~ ', ' ~ person.anonymous_ids | length ~ ' anonymous id'
        ~ ('s' if person.anonymous_ids | length != 1 else '') ~ '.'] %}
    {% if person.shared_emails %}
        {% do lines.append('  ' ~ person.shared_emails | length ~ ' email address belongs to another user too, so it stays.') %}
    {% endif %}
    {% if not person.is_distinctive %}
        {% do lines.append(
            '  The id is short, so only id columns (user_id, entity_id and others) and raw_row are searched, not every text.'
        ) %}
    {% endif %}

    {# dbt opened a transaction for the operation, and would roll it back at its end. #}
    {% for hash in hashes %}
        {% set statement %}
            insert into {{ list }} (subject_hash) select {{ hash }} where {{ hash }} not in (select subject_hash from {{ list }})
        {% endset %}
        {% do run_query(statement) %}
    {% endfor %}
    {% set places = found | map(attribute='name') | list %}
    {% for place in relations if place.is_table and place.name in places %}
        {% if place.on_forget %}
            {% for statement in (segmentation[place.on_forget] or context[place.on_forget])(person.user_id, [place.relation]) %}
                {% do run_query(statement) %}
            {% endfor %}
        {% else %}
            {% do lines.extend(segmentation._forget_in(person, place)) %}
        {% endif %}
    {% endfor %}
    {% if target.type == 'duckdb' %}{% do run_query('commit') %}{% endif %}

    {% set left = segmentation._traces(person, relations) %}
    {% for trace in left if trace.waits %}
        {% do lines.append('  ' ~ trace.name ~ '.' ~ trace.column ~ ': ' ~ trace.rows
            ~ ' waiting: the next delivery uses them for removals, then deletes them.') %}
    {% endfor %}
    {% set searched = 'Looked in ' ~ segmentation._searched_text(relations) %}
    {% set left = left | rejectattr('waits') | list %}
    {% if left %}
        {% for trace in left %}{% do lines.append('  LEFT ' ~ trace.name ~ '.' ~ trace.column ~ ': ' ~ trace.rows) %}{% endfor %}
        {% do print(lines | join('\n')) %}
        {{ exceptions.raise_compiler_error(
            'forget_user: the person is still in ' ~ left | length ~ ' columns: ' ~ left[0].name ~ '.' ~ left[0].column
            ~ (' and others' if left | length > 1 else '') ~ '. ' ~ searched ~ '.'
        ) }}
    {% endif %}
    {% do lines.append(searched ~ ': nothing is left. The next build leaves the person out and recounts everything.') %}
    {% do print(lines | join('\n')) %}
{% endmacro %}

{# Deletes a person's rows from one table and takes the name out of other rows; what was done, as a list of texts. #}
{% macro _forget_in(person, place) %}
    {% set lines = [] %}
    {% set person = segmentation._as_known_to(person, place) %}
    {% set own = [] %}
    {% for column in place.columns %}
        {% do own.append(segmentation._holds_person(person, column, place.columns, is_own=true, is_number=column in place.numbers)) %}
    {% endfor %}
    {% set is_own = own | join(' or ') %}
    {% set rows = run_query('select count(*) from ' ~ place.relation ~ ' where ' ~ is_own).rows[0][0] %}
    {% if rows %}
        {% do segmentation._run(segmentation.delete_rows(place.relation, is_own)) %}
        {% do lines.append('  %-56s %7d row%s deleted' | format(place.name, rows, '' if rows == 1 else 's')) %}
    {% endif %}
    {% for trace in segmentation._traces(person, [place]) %}
        {% for word in person.emails + person.hashes + ([person.user_id] if person.is_distinctive else []) %}
            {% do segmentation._run(segmentation.replace_word(
                place.relation, trace.column, word, '[forgotten]', segmentation._holds_person(person, trace.column, place.columns)
            )) %}
        {% endfor %}
        {% do lines.append('  %-56s %7d text%s of others changed' | format(
            place.name ~ '.' ~ trace.column, trace.rows, '' if trace.rows == 1 else 's'
        )) %}
    {% endfor %}
    {{ return(lines) }}
{% endmacro %}
