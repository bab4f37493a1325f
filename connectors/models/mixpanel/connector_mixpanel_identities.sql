{{ config(enabled=gives('mixpanel', 'identities')) }}

-- A device is a person's from the first event that has both ids. Where only the mapping table links them, it does not say since when:
-- then from the first event of the device.
with
persons as (
    select * from {{ ref('connector_mixpanel_persons') }}
    where left_out_because is null
),

mappings as (
    {{ source_table('mixpanel', 'identity_mappings', {
        'distinct_id': ['distinct_id'], 'resolved_distinct_id': ['resolved_distinct_id'],
    }, key=['distinct_id']) }}
),

seen_together as (
    select device_id, user_id, min(occurred_at) as linked_at
    from persons
    where device_id is not null and user_id is not null
    group by device_id, user_id
),

first_events as (
    select device_id, min(occurred_at) as linked_at
    from persons
    where device_id is not null
    group by device_id
),

by_mapping as (
    select
        first_events.device_id,
        mappings.resolved_distinct_id as user_id,
        first_events.linked_at
    from first_events
    inner join mappings
        on
            mappings.distinct_id in (first_events.device_id, '$device:' || first_events.device_id)
            and mappings.left_out_because is null
    left join seen_together on first_events.device_id = seen_together.device_id
    left join first_events as other_devices on mappings.resolved_distinct_id = other_devices.device_id
    where
        seen_together.device_id is null
        and other_devices.device_id is null
        and not starts_with(mappings.resolved_distinct_id, '$device:')
),

links as (
    select * from seen_together
    union all
    select * from by_mapping
),

mapped as (
    select
        {{ as_input('identities', {'anonymous_id': 'device_id', 'user_id': 'user_id', 'linked_at': 'linked_at'},
            left_out='cast(null as varchar)') }}
    from links
)

select * from mapped
