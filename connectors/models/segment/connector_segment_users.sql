{{ config(enabled=gives('segment', 'users')) }}

-- The table of users holds the newest traits. The account is that of the newest call of group().
with
people as (
    {{ source_table('segment', 'users', {
        'id': 'id', 'email': 'email', 'title': 'title', 'gender': 'gender', 'birthday': 'birthday', 'country': ['address_country', 'country'],
        'state': ['address_state', 'state'], 'city': ['address_city', 'city'], 'language': ['context_locale', 'locale'],
        'created': 'created_at', 'received': 'received_at',
    }, key=['id'], newest_by=['received']) }}
),

memberships as (
    {%- if gives('segment', 'accounts') %}
    select user_id, max_by(group_id, (occurred_at, id)) as group_id
    from {{ ref('connector_segment_memberships') }}
    where user_id is not null and left_out_because is null
    group by user_id
    {%- else %}
    select cast(null as varchar) as user_id, cast(null as varchar) as group_id where false
    {%- endif %}
),

grouped as (
    select people.*, memberships.group_id
    from people
    left join memberships on people.id = memberships.user_id
),

mapped as (
    select
        {{ as_input('users', {
            'user_id': 'id',
            'account_id': 'group_id',
            'email': 'email',
            'job_title': 'title',
            'birth_year': 'left(birthday, 4)',
            'gender': 'gender',
            'language': 'language',
            'country': 'country',
            'state': 'state',
            'city': 'city',
            'signed_up_at': time_text('created'),
            'updated_at': time_text('received'),
        }, 'segment', 'users') }}
    from grouped
)

select * from mapped
