{#
    By what a person would be recognised, as a mapping: user_id, emails (lower case), anonymous_ids, named_ids (those of them
    that stand for the person where ids of users do, as in assignments and messages: no user has them), shared_emails (those
    that another user has too: no trace of this one), hashes (SHA-256 of the id and of every address of the mailbox, in
    hexadecimal), is_distinctive, is_known (a row of an input holds the id).

    Read from the inputs as they came, so that a person who was forgotten before and whose rows came in again is found.
#}
{% macro _person(user_id, email=none) %}
    {# By the engine: Python's strip() leaves zero width spaces and other format characters. #}
    {% set user_id = run_query('select ' ~ segmentation.trimmed_text(segmentation.text_literal(user_id))).rows[0][0] or user_id %}
    {% set id = segmentation.text_literal(user_id) %}
    {% set trimmed = segmentation.trimmed_text('{}') %}
    {% set owner = segmentation.real_id(trimmed.replace('{}', 'user_id')) %}
    {% set emails, shared, anonymous_ids, named_ids = [], [], [], [] %}
    {% set known = [] %}
    {% for name, entry in segmentation.input_contract().items() if segmentation.input_subject(name) %}
        {% set rows = run_query(
            'select count(*) from ' ~ segmentation.input(name) ~ ' as rows_of_input where '
            ~ segmentation.input_subject(name, trimmed) ~ ' = ' ~ segmentation.text_literal('user_id:' ~ user_id)
        ).rows %}
        {% if rows[0][0] > 0 %}{% do known.append(name) %}{% endif %}
    {% endfor %}
    {% set address = segmentation.lower_address(trimmed.replace('{}', 'email')) %}
    {% for row in run_query(
        'select distinct ' ~ address ~ ' from ' ~ segmentation.input('users') ~ ' as users where ' ~ owner ~ ' = ' ~ id
        ~ ' and ' ~ address ~ ' is not null order by 1'
    ).rows %}{% do emails.append(row[0]) %}{% endfor %}
    {% if email %}
        {% set given = segmentation.lower_address(segmentation.trimmed_text(segmentation.text_literal(email))) %}
        {% do emails.append(run_query('select ' ~ given).rows[0][0]) %}
    {% endif %}
    {% for row in run_query(
        'select distinct ' ~ address ~ ' from ' ~ segmentation.input('users') ~ ' as users where ' ~ owner ~ ' != ' ~ id
        ~ ' and ' ~ address ~ ' in (' ~ segmentation.text_literals(emails or ['']) ~ ') order by 1'
    ).rows %}{% do shared.append(row[0]) %}{% endfor %}
    {# The first link of an anonymous id to a user decides whose its events are (identity_links), in whatever form the time is
       written; where no link is to a user, the first one to anybody. #}
    {% set anonymous = trimmed.replace('{}', 'anonymous_id') %}
    {% set linked_at = segmentation.to_utc(trimmed.replace('{}', 'linked_at'), segmentation.setting('source_timezones').get('identities', 'UTC')) %}
    {% for row in run_query(
        'with links as (select ' ~ anonymous ~ ' as anonymous_id, ' ~ owner ~ ' as user_id, ' ~ linked_at ~ ' as linked_at from '
        ~ segmentation.input('identities') ~ ' as identities), '
        ~ 'known as (select distinct ' ~ owner ~ ' as known_id from ' ~ segmentation.input('users') ~ ' as users), '
        ~ 'ordered_links as (select links.*, row_number() over (partition by anonymous_id'
        ~ ' order by case when known_id is null then 1 else 0 end, linked_at nulls last, user_id) as place'
        ~ ' from links left join known on links.user_id = known.known_id where user_id is not null) '
        ~ 'select anonymous_id, anonymous_id in (select known_id from known where known_id is not null) from ordered_links'
        ~ ' where place = 1 and anonymous_id is not null and user_id = ' ~ id ~ ' order by 1'
    ).rows %}
        {% do anonymous_ids.append(row[0]) %}
        {% if not row[1] %}{% do named_ids.append(row[0]) %}{% endif %}
    {% endfor %}
    {% set own_emails = emails | reject('in', shared) | unique | list %}
    {% set hashed = [segmentation.sha256_hex(id)] %}
    {% for own_email in own_emails %}
        {% for form in segmentation.mailbox_forms(segmentation.text_literal(own_email)) %}
            {% do hashed.append(segmentation.sha256_hex(form)) %}
        {% endfor %}
    {% endfor %}
    {# What another user's address is hashed to is no trace of this one: two users may share a mailbox. #}
    {% set of_others = [] %}
    {% for own_email in own_emails %}
        {% for row in run_query(
            'select distinct ' ~ segmentation.sha256_hex(segmentation.normalised_email('email')) ~ ', '
            ~ segmentation.sha256_hex(segmentation.normalised_email('email', 'google')) ~ ' from ' ~ segmentation.input('users')
            ~ ' as users where ' ~ owner ~ ' != ' ~ id ~ ' and ' ~ segmentation.mailbox('email') ~ ' = '
            ~ segmentation.mailbox(segmentation.text_literal(own_email))
        ).rows %}{% do of_others.extend(row.values()) %}{% endfor %}
    {% endfor %}
    {{ return({
        'hashes': run_query('select ' ~ hashed | join(', ')).rows[0].values() | reject('none') | reject('in', of_others) | unique | list,
        'user_id': user_id, 'emails': own_emails, 'shared_emails': shared,
        'anonymous_ids': anonymous_ids | unique | list, 'named_ids': named_ids | unique | list, 'is_known': known | length > 0,
        'is_distinctive': (user_id | length >= 4 and modules.re.search('[A-Za-z]', user_id) is not none) or user_id | length >= 9,
    }) }}
{% endmacro %}

{# The texts whose hashes state.forgotten_users keeps of a person (see input_subject()). #}
{% macro _subjects_of(person) %}
    {% set subjects = ['user_id:' ~ person.user_id] %}
    {% for email in person.emails %}{% do subjects.append('email:' ~ email) %}{% endfor %}
    {% for anonymous_id in person.anonymous_ids %}{% do subjects.append('anonymous_id:' ~ anonymous_id) %}{% endfor %}
    {% for named_id in person.named_ids %}{% do subjects.append('user_id:' ~ named_id) %}{% endfor %}
    {{ return(subjects) }}
{% endmacro %}

{#
    SQL: whether a column of a row holds the person, as a value of its own (`is_own`: the row is the person's) or anywhere in a
    text (a column of numbers or dates has none: `is_number`). An id such as `17` is looked for only where ids of users stand: elsewhere it is a number. An anonymous id counts where
    no other user's id stands beside it: two people may have used one computer. `columns`: all columns of the relation.
#}
{% macro _holds_person(person, column, columns, is_own=false, is_number=false) %}
    {% set plain = 'cast(' ~ adapter.quote(column) ~ ' as ' ~ dbt.type_string() ~ ')' %}
    {% set value = segmentation.trimmed_text(adapter.quote(column)) %}
    {% set id = segmentation.text_literal(person.user_id) %}
    {% set parts = [] %}
    {% set holds_ids = column in ['user_id', 'entity_id', 'named_id', 'unknown_id', 'likely_id'] %}
    {% if is_number %}
        {% set holds = person.is_distinctive or holds_ids %}
        {{ return('coalesce(' ~ plain ~ ' = ' ~ id ~ ', false)' if holds else 'false') }}
    {% endif %}
    {% if person.hashes %}
        {% set hashed = [] %}
        {% if is_own and column not in ['raw_row', 'row_key'] %}
            {% do hashed.append('lower(' ~ value ~ ') in (' ~ segmentation.text_literals(person.hashes) ~ ')') %}
        {% else %}
            {% for hash in person.hashes %}{% do hashed.append(segmentation.contains_word('lower(' ~ plain ~ ')', hash)) %}{% endfor %}
        {% endif %}
        {% do parts.append('case when length(' ~ plain ~ ') >= 64 then ' ~ hashed | join(' or ') ~ ' else false end') %}
    {% endif %}
    {% if person.is_distinctive or holds_ids %}{% do parts.append(value ~ ' = ' ~ id) %}{% endif %}
    {% if holds_ids and column != 'entity_id' and person.named_ids %}
        {% do parts.append(value ~ ' in (' ~ segmentation.text_literals(person.named_ids) ~ ')') %}
    {% endif %}
    {% if column == 'anonymous_id' and person.anonymous_ids %}
        {% do parts.append(value ~ ' in (' ~ segmentation.text_literals(person.anonymous_ids) ~ ')' ~ (
            ' and coalesce(' ~ segmentation.real_id(segmentation.trimmed_text('user_id')) ~ ', ' ~ id ~ ') = ' ~ id
            if 'user_id' in columns else ''
        )) %}
    {% endif %}
    {% for email in person.emails %}
        {% if is_own and column not in ['raw_row', 'row_key'] %}
            {% do parts.append(segmentation.lower_address(value) ~ ' = ' ~ segmentation.text_literal(email)) %}
        {% else %}
            {% do parts.append(segmentation.contains_word(segmentation.lower_address(plain), email)) %}
        {% endif %}
    {% endfor %}
    {% if not is_own or column in ['raw_row', 'row_key'] %}
        {% if person.is_distinctive %}
            {% do parts.append(segmentation.contains_word(value, person.user_id)) %}
        {% elif column == 'raw_row' %}
            {% do parts.append(segmentation.contains_word(value, '"user_id":"' ~ person.user_id ~ '"')) %}
        {% endif %}
    {% endif %}
    {{ return('coalesce(' ~ (parts | join(' or ') or 'false') ~ ', false)') }}
{% endmacro %}

{#
    All tables of the warehouse and the views of staging, as a list of {relation, name, is_table, on_forget, columns}; on_forget: the
    macro that the config of the table's model names, see forget_user(), else none. The other views read only these.
#}
{% macro _searched_relations() %}
    {% set macros = {} %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and (node.config.get('meta') or {}).get('on_forget') %}
        {% do macros.update({node.schema ~ '.' ~ node.alias: node.config.meta.on_forget}) %}
        {% do macros.update({node.schema ~ '.' ~ node.alias ~ '__backup': node.config.meta.on_forget}) %}
    {% endfor %}
    {# A list of people to whom nothing is sent has to know them by a hash after they were forgotten. #}
    {% set suppressions = segmentation.setting('audience_suppressions') %}
    {% set suppressions = suppressions.get('table') if suppressions is mapping else suppressions %}
    {% set found = {} %}
    {% for row in run_query(
        'select columns.table_schema, columns.table_name, columns.column_name, tables.table_type, columns.data_type'
        ~ ' from information_schema.columns as columns'
        ~ ' inner join information_schema.tables as tables on columns.table_catalog = tables.table_catalog'
        ~ ' and columns.table_schema = tables.table_schema and columns.table_name = tables.table_name'
        ~ ' where columns.table_catalog = ' ~ segmentation.text_literal(target.database)
        ~ " and (tables.table_type = 'BASE TABLE' or tables.table_schema = "
        ~ segmentation.text_literal(ref('stg_users').schema) ~ ')'
        ~ ' order by columns.table_schema, columns.table_name, columns.ordinal_position'
    ).rows %}
        {% set name = row[0] ~ '.' ~ row[1] %}
        {% if name not in found %}
            {% do found.update({name: {
                'relation': api.Relation.create(database=target.database, schema=row[0], identifier=row[1]), 'name': name,
                'is_table': row[3] == 'BASE TABLE', 'on_forget': macros.get(name), 'columns': [], 'keeps_hashes': row[1] == suppressions, 'numbers': [],
            }}) %}
        {% endif %}
        {% do found[name].columns.append(row[2]) %}
        {% if modules.re.match('U?(TINY|SMALL|BIG|HUGE)?INT|DOUBLE|FLOAT|DECIMAL[^[]*$|BOOLEAN$|DATE$|TIME[^[]*$', row[4]) and '[' not in row[4] %}
            {% do found[name].numbers.append(row[2]) %}
        {% endif %}
    {% endfor %}
    {{ return(found.values() | list) }}
{% endmacro %}

{# Where the person stands, as a list of {name, column, rows, waits}, one query per relation. #}
{% macro _traces(person, relations) %}
    {% set traces = [] %}
    {% for place in relations %}
        {% set person = segmentation._as_known_to(person, place) %}
        {% set counts = [] %}
        {% for column in place.columns %}
            {% do counts.append('sum(case when ' ~ segmentation._holds_person(person, column, place.columns, is_number=column in place.numbers)
                ~ ' then 1 else 0 end)') %}
        {% endfor %}
        {% set row = run_query('select ' ~ counts | join(', ') ~ ' from ' ~ place.relation).rows[0] %}
        {% for column in place.columns %}
            {% set rows = (row[loop.index0] or 0) | int %}
            {% if rows %}
                {% do traces.append({'name': place.name, 'column': column, 'rows': rows, 'waits': place.on_forget is not none}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(traces) }}
{% endmacro %}

{# A person as a relation may know them: without hashes in a list of suppressions. #}
{% macro _as_known_to(person, place) %}
    {% set known = dict(person) %}
    {% if place.keeps_hashes %}{% do known.update({'hashes': []}) %}{% endif %}
    {{ return(known) }}
{% endmacro %}

{# What was searched, in words. #}
{% macro _searched_text(relations) %}
    {% set columns = relations | map(attribute='columns') | map('length') | sum %}
    {% set tables = relations | selectattr('is_table') | list | length %}
    {{ return(
        tables ~ ' tables and ' ~ (relations | length - tables) ~ ' views of staging, ' ~ columns ~ ' columns'
    ) }}
{% endmacro %}

{# An id as staging reads it. #}
{% macro _trimmed_id(user_id) %}
    {{ return(run_query('select ' ~ segmentation.trimmed_text(segmentation.text_literal(user_id))).rows[0][0] or '') }}
{% endmacro %}

{# What is wrong with an id, as a list of texts. #}
{% macro _person_problems(operation, user_id, email) %}
    {% set problems = [] %}
    {% if user_id is not string or not user_id.strip() %}
        {# YAML reads 0123 as 83, 1_0 as 10 and 12:30 as 750: whom a number means is not certain. #}
        {% do problems.append(
            operation ~ ": `user_id` must be the id of a user, as text, got " ~ tojson(user_id) ~ '. Put it in quotes: {user_id: "17"}.'
        ) %}
    {% endif %}
    {% if email is not none and (email is not string or not modules.re.fullmatch('[^@]+@[^@]+', email.strip())) %}
        {% do problems.append(operation ~ ': `email` must be an email address, got ' ~ tojson(email) ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
