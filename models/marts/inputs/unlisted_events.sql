with
event_days as (
    select * from {{ ref('user_event_days') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

unlisted as (
    select
        event_days.event_name,
        cast(sum(event_days.events) as bigint) as events,
        cast(count(distinct event_days.user_id) as bigint) as users,
        min(event_days.event_date) as first_event_date,
        max(event_days.event_date) as last_event_date,
        data_through.data_through as as_of_date,
        data_through.data_through
    from event_days
    cross join data_through
    where event_days.event_name not in ({{ segmentation.event_names() }})
    group by event_days.event_name, data_through.data_through
)

select * from unlisted
