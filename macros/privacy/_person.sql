{#
    By what a person would be recognized, as a mapping: user_id, emails (lower case), anonymous_ids, named_ids (those of them
    that stand for the person where ids of users do, as in assignments and messages: no user has them), shared_emails (those
    that another user has too: no trace of this one), hashes (SHA-256 of the id and of every address of the mailbox, in
    hexadecimal), is_distinctive, is_known (a row of an input holds the id).

    Read from the inputs as they came, so that a person who was forgotten before and whose rows came in again is found.
#}
{% macro _person(user_id, email=none) %}
    {# By the engine: Python's strip() leaves zero width spaces and other format characters. #}
    {% set user_id = segmentation._trimmed_id(user_id) or user_id %}
    {% set id = segmentation.text_literal(user_id) %}
    {% set addresses = segmentation._addresses_of(id, email) %}
    {% set own = addresses.all | reject('in', addresses.shared) | unique | list %}
    {% set anonymous = segmentation._anonymous_ids_of(id) %}
    {{ return({
        'user_id': user_id, 'emails': own, 'shared_emails': addresses.shared,
        'anonymous_ids': anonymous.all, 'named_ids': anonymous.named,
        'hashes': segmentation._hashes_of(id, own), 'is_known': segmentation._is_in_an_input(user_id),
        'is_distinctive': (user_id | length >= 4 and modules.re.search('[A-Za-z]', user_id) is not none) or user_id | length >= 9,
    }) }}
{% endmacro %}

{# An id as staging reads it. #}
{% macro _trimmed_id(user_id) %}
    {{ return(run_query('select ' ~ segmentation.trimmed_text(segmentation.text_literal(user_id))).rows[0][0] or '') }}
{% endmacro %}

{# The id in a column of an input, as staging reads it, as SQL. #}
{% macro _owner_sql() %}
    {{ return(segmentation.real_id(segmentation.trimmed_text('user_id'))) }}
{% endmacro %}

{# Whether a row of an input is the person's. #}
{% macro _is_in_an_input(user_id) %}
    {% set known = [] %}
    {% for name in segmentation.input_contract() if segmentation.input_subject(name) %}
        {% set query %}
            select count(*)
            from (
                {{ segmentation.with_missing_columns(
                    segmentation.input(name), segmentation.input_contract(name).get('may_be_missing', [])
                ) }}
            ) as rows_of_input
            where {{ segmentation.input_subject(name, segmentation.trimmed_text('{}')) }}
                = {{ segmentation.text_literal('user_id:' ~ user_id) }}
        {% endset %}
        {% if run_query(query).rows[0][0] > 0 %}{% do known.append(name) %}{% endif %}
    {% endfor %}
    {{ return(known | length > 0) }}
{% endmacro %}

{#
    The addresses of a person in lower case, as a mapping: all (those of the input and the given one), shared (those of them
    that another user has too). `id`: the person's id as an SQL literal.
#}
{% macro _addresses_of(id, email) %}
    {% set owner = segmentation._owner_sql() %}
    {% set address = segmentation.lower_address(segmentation.trimmed_text('email')) %}
    {% set query %}
        select distinct {{ address }}
        from {{ segmentation.input('users') }} as users
        where {{ owner }} = {{ id }} and {{ address }} is not null
        order by 1
    {% endset %}
    {% set addresses = segmentation._first_column(query) %}
    {% if email %}
        {% set given = segmentation.lower_address(segmentation.trimmed_text(segmentation.text_literal(email))) %}
        {% do addresses.append(run_query('select ' ~ given).rows[0][0]) %}
    {% endif %}
    {% set query %}
        select distinct {{ address }}
        from {{ segmentation.input('users') }} as users
        where {{ owner }} != {{ id }} and {{ address }} in ({{ segmentation.text_literals(addresses or ['']) }})
        order by 1
    {% endset %}
    {{ return({'all': addresses, 'shared': segmentation._first_column(query)}) }}
{% endmacro %}

{#
    The anonymous ids of a person, as a mapping: all, named (those that no user has). The first link of an anonymous id to a
    user decides whose its events are (identity_links), in whatever form the time is written; where no link is to a user, the
    first one to anybody.
#}
{% macro _anonymous_ids_of(id) %}
    {% set linked_at = segmentation.to_utc(
        segmentation.trimmed_text('linked_at'), segmentation.setting('source_timezones').get('identities', 'UTC')
    ) %}
    {% set query %}
        with
        links as (
            select
                {{ segmentation.trimmed_text('anonymous_id') }} as anonymous_id,
                {{ segmentation._owner_sql() }} as user_id,
                {{ linked_at }} as linked_at
            from {{ segmentation.input('identities') }} as identities
        ),

        known as (
            select distinct {{ segmentation._owner_sql() }} as known_id
            from {{ segmentation.input('users') }} as users
        ),

        ordered_links as (
            select
                links.*,
                row_number() over (
                    partition by anonymous_id
                    order by case when known_id is null then 1 else 0 end, linked_at nulls last, user_id
                ) as place
            from links
            left join known on links.user_id = known.known_id
            where user_id is not null
        )

        select
            anonymous_id,
            anonymous_id in (select known_id from known where known_id is not null) as is_a_user
        from ordered_links
        where place = 1 and anonymous_id is not null and user_id = {{ id }}
        order by 1
    {% endset %}
    {% set found, named = [], [] %}
    {% for row in run_query(query).rows %}
        {% do found.append(row[0]) %}
        {% if not row[1] %}{% do named.append(row[0]) %}{% endif %}
    {% endfor %}
    {{ return({'all': found | unique | list, 'named': named | unique | list}) }}
{% endmacro %}

{#
    SHA-256 of the id and of every form of the addresses, in hexadecimal. What another user's address is hashed to is no trace
    of this person: two users may share a mailbox.
#}
{% macro _hashes_of(id, addresses) %}
    {% set hashed = [segmentation.sha256_hex(id)] %}
    {% set of_others = [] %}
    {% for address in addresses %}
        {% for form in segmentation.mailbox_forms(segmentation.text_literal(address)) %}
            {% do hashed.append(segmentation.sha256_hex(form)) %}
        {% endfor %}
        {% set query %}
            select distinct
                {{ segmentation.sha256_hex(segmentation.normalized_email('email')) }},
                {{ segmentation.sha256_hex(segmentation.normalized_email('email', 'google')) }}
            from {{ segmentation.input('users') }} as users
            where
                {{ segmentation._owner_sql() }} != {{ id }}
                and {{ segmentation.mailbox('email') }} = {{ segmentation.mailbox(segmentation.text_literal(address)) }}
        {% endset %}
        {% for row in run_query(query).rows %}{% do of_others.extend(row.values()) %}{% endfor %}
    {% endfor %}
    {% set hashes = run_query('select ' ~ hashed | join(', ')).rows[0].values() %}
    {{ return(hashes | reject('none') | reject('in', of_others) | unique | list) }}
{% endmacro %}

{# The texts whose hashes state.forgotten_users keeps of a person (see input_subject()). #}
{% macro _subjects_of(person) %}
    {% set subjects = ['user_id:' ~ person.user_id] %}
    {% for email in person.emails %}{% do subjects.append('email:' ~ email) %}{% endfor %}
    {% for anonymous_id in person.anonymous_ids %}{% do subjects.append('anonymous_id:' ~ anonymous_id) %}{% endfor %}
    {% for named_id in person.named_ids %}{% do subjects.append('user_id:' ~ named_id) %}{% endfor %}
    {{ return(subjects) }}
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
