{{ config(materialized='by_date', reads=['population', 'activity']) }}

-- The counts per event, in rows: so no column name depends on which events a product has.
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

event_days as (
    select * from {{ ref('user_event_days') }}
    where is_human
),

counts as (
    select
        event_days.user_id,
        event_days.event_name,
        {%- for days in [7, 28, 91] %}
        {{ segmentation.window_sum('events', 'bigint', days) }} as count_{{ days }}d,
        {%- endfor %}
        spine.as_of_date
    from event_days
    inner join spine
        on
            event_days.user_id = spine.user_id
            and {{ segmentation.in_window('event_days.event_date', 'spine.as_of_date', 91) }}
            and event_days.known_date <= spine.as_of_date
    group by event_days.user_id, event_days.event_name, spine.as_of_date
)

select * from counts
