{{ config(enabled=gives('amplitude', 'users')) }}

-- Users as their events know them, if `users: true` asks for it: since user_creation_time, the rest as of the newest event. A row per user;
-- events of devices alone make none.
with
persons as (
    select * from {{ ref('connector_amplitude_persons') }}
    where left_out_because is null and user_id is not null and event_type is distinct from 'Daily Ad Metrics'
),

newest as (
    select *
    from persons
    qualify row_number() over (partition by user_id order by occurred_at desc, event_id) = 1
),

firsts as (
    select user_id, min(coalesce(created_at, occurred_at)) as signed_up_at
    from persons
    group by user_id
),

people as (
    select
        newest.*,
        firsts.signed_up_at,
        case when json_valid(newest.user_properties) then json_extract_string(newest.user_properties, '$.email') end as email
    from newest
    inner join firsts on newest.user_id = firsts.user_id
),

mapped as (
    select
        {{ as_input('users', {
            'user_id': 'user_id',
            'email': 'email',
            'language': amplitude_text('language'),
            'country': amplitude_text('country'),
            'state': amplitude_text('region'),
            'city': amplitude_text('city'),
            'signed_up_at': 'signed_up_at',
            'updated_at': 'occurred_at',
        }) }}
    from people
)

select * from mapped
