-- Who each event belongs to, and since when that is known. A view: the rollups read only the days that they rebuild.
{{ config(materialized='view') }}

with
events as (
    select * from {{ ref('stg_events') }}
),

links as (
    select * from {{ ref('identity_links') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

first_links as (
    select links.*
    from links
    inner join data_through on links.linked_date <= data_through.data_through
),

-- The link matters only to events without a user of their own.
resolved as (
    select
        events.event_id,
        coalesce(events.user_id, first_links.user_id) as user_id,
        events.event_name,
        events.device_type,
        events.os,
        events.app_version,
        events.channel,
        events.properties,
        events.event_name not in ({{ segmentation.event_names(is_human=false) }}) as is_human,
        events.user_id is null as is_linked,
        {{ segmentation.day_of('events.occurred_at') }} as event_date,
        case
            when events.user_id is null
                then greatest({{ segmentation.day_of('events.occurred_at') }}, first_links.linked_date)
            else {{ segmentation.day_of('events.occurred_at') }}
        end as known_date,
        events.occurred_at,
        -- When the last piece that this row rests on came in: what the increment goes by.
        case
            when events.user_id is null then greatest(events.received_at, first_links.linked_at)
            else events.received_at
        end as known_at
    from events
    left join first_links on events.anonymous_id = first_links.anonymous_id
),

identified as (
    select resolved.*
    from resolved
    cross join data_through
    where
        resolved.user_id is not null
        and resolved.event_date <= data_through.data_through
)

select * from identified
