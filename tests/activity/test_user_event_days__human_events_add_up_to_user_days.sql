-- The human events of a user and day in user_event_days add up to those in user_days.
with
event_days as (
    select
        user_id,
        event_date,
        known_date,
        sum(events) as events
    from {{ ref('user_event_days') }}
    where is_human
    group by user_id, event_date, known_date
),

user_days as (
    select * from {{ ref('user_days') }}
),

failures as (
    select
        'user_event_days: user ' || coalesce(user_days.user_id, event_days.user_id) || ' on '
        || cast(coalesce(user_days.event_date, event_days.event_date) as {{ dbt.type_string() }}) || ' has '
        || cast(coalesce(event_days.events, 0) as {{ dbt.type_string() }}) || ' human events, but in user_days '
        || cast(coalesce(user_days.events, 0) as {{ dbt.type_string() }})
        || '. Run dbt build --full-refresh; if it stays, the two rollups differ.' as message
    from event_days
    full outer join user_days
        on
            event_days.user_id = user_days.user_id
            and event_days.event_date = user_days.event_date
            and event_days.known_date = user_days.known_date
    where event_days.events is distinct from user_days.events
)

select * from failures
