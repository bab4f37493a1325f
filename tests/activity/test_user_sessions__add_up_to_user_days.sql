-- The sessions of a user and day, and their lengths, add up to those of user_days; no session ends before it starts.
with
session_days as (
    select
        user_id,
        event_date,
        known_date,
        count(*) as sessions,
        sum(events) as events,
        sum(session_microseconds) as session_microseconds,
        min(session_microseconds) as shortest_microseconds
    from {{ ref('user_sessions') }}
    group by user_id, event_date, known_date
),

user_days as (
    select * from {{ ref('user_days') }}
),

failures as (
    select
        'user_sessions: user ' || coalesce(user_days.user_id, session_days.user_id) || ' on '
        || cast(coalesce(user_days.event_date, session_days.event_date) as {{ dbt.type_string() }}) || ' has '
        || cast(coalesce(session_days.sessions, 0) as {{ dbt.type_string() }}) || ' sessions of '
        || cast(coalesce(session_days.session_microseconds, 0) as {{ dbt.type_string() }})
        || ' microseconds, but in user_days '
        || cast(coalesce(user_days.sessions, 0) as {{ dbt.type_string() }}) || ' of '
        || cast(coalesce(user_days.session_microseconds, 0) as {{ dbt.type_string() }})
        || ', or one of them is negative. Run dbt build --full-refresh; if it stays, the two rollups differ.' as message
    from session_days
    full outer join user_days
        on
            session_days.user_id = user_days.user_id
            and session_days.event_date = user_days.event_date
            and session_days.known_date = user_days.known_date
    where
        session_days.sessions is distinct from user_days.sessions
        or session_days.events is distinct from user_days.events
        or session_days.session_microseconds is distinct from user_days.session_microseconds
        or session_days.shortest_microseconds < 0
)

select * from failures
