{{ config(enabled=gives('amplitude', 'identities')) }}

-- A device is a person's from the first event that has both ids. A merge of Amplitude's own ids links the devices of the one that was absorbed
-- (amplitude_id) to the person of the one that survives (merged_amplitude_id), from the moment of the merge; chains are followed.
with recursive
persons as (
    select * from {{ ref('connector_amplitude_persons') }}
    where left_out_because is null
),

merges as (
    {{ source_table('amplitude', 'merge_ids', {
        'amplitude_id': 'amplitude_id', 'merged_id': 'merged_amplitude_id', 'merged': ['merge_event_time', 'merge_time', 'merge_server_time'],
    }, key=['amplitude_id'], newest_by=['merged']) }}
),

steps as (
    select amplitude_id, merged_id, {{ time_text('merged') }} as merged_at
    from merges
    where left_out_because is null and amplitude_id is distinct from merged_id
),

chains as (
    select amplitude_id, merged_id, merged_at, 1 as steps_done
    from steps
    union all
    select chains.amplitude_id, steps.merged_id, greatest(chains.merged_at, steps.merged_at), chains.steps_done + 1
    from chains
    inner join steps on chains.merged_id = steps.amplitude_id
    where chains.steps_done < 50
),

seen_together as (
    select device_id, user_id, min(occurred_at) as linked_at
    from persons
    where device_id is not null and user_id is not null
    group by device_id, user_id
),

devices as (
    select distinct amplitude_id, device_id
    from persons
    where device_id is not null and user_id is null and amplitude_id is not null
),

people as (
    select distinct amplitude_id, user_id
    from persons
    where user_id is not null and amplitude_id is not null
),

by_merge as (
    select devices.device_id, people.user_id, min(chains.merged_at) as linked_at
    from devices
    inner join chains on devices.amplitude_id = chains.amplitude_id
    inner join people on chains.merged_id = people.amplitude_id
    left join seen_together on devices.device_id = seen_together.device_id and people.user_id = seen_together.user_id
    where seen_together.device_id is null
    group by devices.device_id, people.user_id
),

links as (
    select * from seen_together
    union all
    select * from by_merge
),

mapped as (
    select
        {{ as_input('identities', {'anonymous_id': 'device_id', 'user_id': 'user_id', 'linked_at': 'linked_at'},
            left_out='cast(null as varchar)') }}
    from links
)

select * from mapped
