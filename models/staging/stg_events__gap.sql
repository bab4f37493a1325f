{{ config(pre_hook="{{ segmentation.check_input_columns('events') }}") }}

-- A device with a wrong clock sends events from the future. Where the source has no arrival times, all that can
-- tell them is the calendar: a date far behind all others that next to nothing follows.
with
events as (
    select * from {{ segmentation.input('events') }}
),

event_times as (
    select {{ segmentation.to_utc('occurred_at', var('source_timezones').get('events', 'UTC')) }} as occurred_at
    from events
    where nullif(trim(cast(received_at as {{ dbt.type_string() }})), '') is null
),

days as (
    select
        cast(occurred_at as date) as event_date,
        count(*) as day_events
    from event_times
    where occurred_at is not null
    group by cast(occurred_at as date)
),

ordered_days as (
    select
        event_date,
        lag(event_date) over (order by event_date) as previous_event_date,
        sum(day_events) over (order by event_date desc) as events_from_here,
        sum(day_events) over () as all_events
    from days
),

first_future_day as (
    select min(event_date) as first_future_date
    from ordered_days
    where
        event_date > {{ segmentation.days_before('previous_event_date', -var('max_gap_days')) }}
        and events_from_here < all_events * {{ var('max_gap_share') }}
)

select * from first_future_day
