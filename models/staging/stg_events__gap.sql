{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('events') }}") }}
{%- set max_gap_days = segmentation.setting('max_gap_days') -%}
{%- set accepted = segmentation.date_setting('accept_data_through') -%}
{%- set is_not_accepted = 'arrival_date > ' ~ segmentation.days_before("cast('" ~ accepted ~ "' as date)", -1)
    if accepted else 'true' -%}
{%- set timezone = segmentation.setting('source_timezones').get('events', 'UTC') %}

-- One wrong clock or one made-up date must not move data_through. All that can tell them is the calendar: a date far
-- behind all others that next to nothing follows. A table: every reader of the events asks for it.
with
events as (
    {{ segmentation.with_missing_columns(segmentation.input('events'), segmentation.missing_columns('events')) }}
),

arrival_texts as (
    select
        coalesce(
            {{ segmentation.trimmed_text('received_at') }},
            {{ segmentation.trimmed_text('occurred_at') }}
        ) as arrived_at
    from events
),

arrivals as (
    select
        {{ segmentation.to_utc('arrived_at', timezone, date_timezone=segmentation.setting('reporting_timezone')) }}
            as arrived_at
    from arrival_texts
),

days as (
    select
        {{ segmentation.day_of('arrived_at') }} as arrival_date,
        count(*) as day_events
    from arrivals
    where arrived_at is not null
    group by {{ segmentation.day_of('arrived_at') }}
),

ordered_days as (
    select
        arrival_date,
        lag(arrival_date) over (order by arrival_date) as previous_arrival_date,
        day_events,
        sum(day_events) over (order by arrival_date desc) as events_from_here,
        sum(day_events) over () as all_events
    from days
),

gap_days as (
    select
        *,
        previous_arrival_date is not null
        and arrival_date > {{ segmentation.days_before('previous_arrival_date', -max_gap_days) }} as is_after_gap
    from ordered_days
),

first_future_day as (
    select min(arrival_date) as first_future_date
    from gap_days
    where
        is_after_gap
        -- Somebody may have looked at what arrived up to the day after a date, and said that it is right.
        and {{ is_not_accepted }}
        and {{ segmentation.is_stray('events_from_here', 'all_events') }}
),

-- What would be the newest arrival if these were right: they may be followed by a gap and others.
next_gaps as (
    select min(gap_days.arrival_date) as next_gap_date
    from gap_days
    inner join first_future_day on gap_days.arrival_date > first_future_day.first_future_date
    where gap_days.is_after_gap
),

judged as (
    select
        cast(coalesce(sum(
            case when gap_days.arrival_date >= first_future_day.first_future_date then gap_days.day_events end
        ), 0) as bigint) as future_events,
        min(first_future_day.first_future_date) as first_future_date,
        max(
            case when gap_days.arrival_date < first_future_day.first_future_date then gap_days.arrival_date end
        ) as last_sure_date,
        {{ segmentation.days_before('max(
            case
                when
                    gap_days.arrival_date >= first_future_day.first_future_date
                    and (next_gaps.next_gap_date is null or gap_days.arrival_date < next_gaps.next_gap_date)
                    then gap_days.arrival_date
            end
        )', 1) }} as data_through_if_accepted
    from first_future_day
    cross join next_gaps
    left join gap_days on gap_days.arrival_date is not null
)

select * from judged
