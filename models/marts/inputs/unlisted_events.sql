with
event_days as (
    select * from {{ ref('user_event_days') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

-- Of who was merged, the survivor has the events, too.
merged_users as (
    select distinct user_merges.user_id
    from {{ ref('user_merges') }} as user_merges
    inner join data_through on user_merges.valid_from_date <= data_through.data_through
    where user_merges.refused_because is null
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
    left join merged_users on event_days.user_id = merged_users.user_id
    where
        merged_users.user_id is null
        and event_days.event_name not in ({{ segmentation.event_names() }})
    group by event_days.event_name, data_through.data_through
)

select * from unlisted
