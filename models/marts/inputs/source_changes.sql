-- The rollups go by what arrives. A row that was corrected or removed in the source does not arrive: it is found here.
with
user_events as (
    select
        *,
        {{ segmentation.user_event_hash() }} as event_hash
    from {{ ref('user_events') }}
),

event_days as (
    select * from {{ ref('user_event_days') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

in_source as (
    select
        event_date,
        count(*) as events,
        {{ segmentation.fingerprint_sum('event_hash') }} as events_hash
    from user_events
    group by event_date
),

in_warehouse as (
    select
        event_date,
        sum(events) as events,
        sum(events_hash) as events_hash
    from event_days
    group by event_date
),

differences as (
    select
        coalesce(in_source.event_date, in_warehouse.event_date) as event_date,
        cast(coalesce(in_source.events, 0) as bigint) as events_in_source,
        cast(coalesce(in_warehouse.events, 0) as bigint) as events_in_warehouse
    from in_source
    full outer join in_warehouse on in_source.event_date = in_warehouse.event_date
    where in_source.events_hash is distinct from in_warehouse.events_hash
),

stamped as (
    select
        differences.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from differences
    cross join data_through
)

select * from stamped
