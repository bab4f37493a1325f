-- Who each event belongs to, and since when that is known. A view: the rollups read only the days that they rebuild.
{{ config(materialized='view') }}

with
events as (
    select * from {{ ref('stg_events') }}
),

links as (
    select * from {{ ref('identity_links') }}
),

user_merges as (
    select * from {{ ref('user_merges') }}
    where refused_because is null
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

known_merges as (
    select user_merges.*
    from user_merges
    inner join data_through on user_merges.valid_from_date <= data_through.data_through
),

first_merges as (
    select
        user_id,
        min(valid_from_date) as merged_date
    from known_merges
    group by user_id
),

-- What was known of a user before the merge stays, for the dates before it; from the merge on all is the survivor's,
-- too.
owned as (
    select resolved.*
    from resolved
    left join first_merges on resolved.user_id = first_merges.user_id
    where first_merges.merged_date is null or resolved.known_date < first_merges.merged_date
    union all
    select
        resolved.event_id,
        known_merges.survivor_id as user_id,
        resolved.event_name,
        resolved.device_type,
        resolved.os,
        resolved.app_version,
        resolved.channel,
        resolved.properties,
        resolved.is_human,
        true as is_linked,
        resolved.event_date,
        greatest(resolved.known_date, known_merges.valid_from_date) as known_date,
        resolved.occurred_at,
        greatest(resolved.known_at, known_merges.merged_at) as known_at
    from resolved
    inner join known_merges on resolved.user_id = known_merges.user_id
    -- After a further merge it is not this survivor's from the beginning.
    where
        known_merges.valid_to_date is null
        or greatest(resolved.known_date, known_merges.valid_from_date) < known_merges.valid_to_date
),

identified as (
    select owned.*
    from owned
    cross join data_through
    where
        owned.user_id is not null
        and owned.event_date <= data_through.data_through
)

select * from identified
