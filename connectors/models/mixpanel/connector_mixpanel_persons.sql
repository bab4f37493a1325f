{{ config(enabled=gives('mixpanel', 'events')) }}

-- Mixpanel's events with who did them: `user_id` where somebody was known, and the device. Read by the three inputs below.
--
-- An id is a device's, and so nobody's, if it is written as one ($device:…) or is the $device_id of any event. Of the rest,
-- $user_id counts, else distinct_id. What the mapping table says is one person is one user_id, unless its name for the person is a
-- device's, as it may be in projects with the original way of merging.
{%- set timezone = (connector_setting('mixpanel') or {'options': {}}).options.timezone %}
with
landed as (
    {{ source_table('mixpanel', 'events', {
        'event_name': ['event', 'event_name', 'name'],
        'occurred': ['time'],
        'distinct_id': ['distinct_id'],
        'before_identity': ['distinct_id_before_identity'],
        'known_user_id': ['$user_id', 'user_id'],
        'known_device_id': ['$device_id', 'device_id'],
        'insert_id': ['$insert_id', 'insert_id'],
        'received': ['mp_processing_time_ms'],
        'os': ['$os', 'os'],
        'app_version': ['$app_version_string', 'app_version_string', '$app_version', 'app_version'],
        'country': ['mp_country_code'],
        'utm_source': ['utm_source'],
        'properties': ['properties'],
    }, rest='properties') }}
),

mappings as (
    {{ source_table('mixpanel', 'identity_mappings', {
        'distinct_id': ['distinct_id'], 'resolved_distinct_id': ['resolved_distinct_id'],
    }, key=['distinct_id']) }}
),

persons as (
    select
        *,
        coalesce(
            known_device_id,
            case when starts_with(distinct_id, '$device:') then substr(distinct_id, 9) end,
            case when starts_with(before_identity, '$device:') then substr(before_identity, 9) end
        ) as device_id,
        case when not starts_with(distinct_id, '$device:') then distinct_id end as own_id
    from landed
),

devices as (
    select distinct device_id
    from persons
    where device_id is not null
),

resolved as (
    select
        persons.* exclude (device_id, own_id),
        coalesce(persons.known_user_id, case when devices.device_id is null then persons.own_id end) as own_user_id,
        coalesce(persons.device_id, case when devices.device_id is not null then persons.own_id end) as device_id
    from persons
    left join devices on persons.own_id = devices.device_id
),

merged as (
    select
        resolved.* exclude (own_user_id),
        case
            when
                mappings.resolved_distinct_id is not null
                and not starts_with(mappings.resolved_distinct_id, '$device:')
                and devices.device_id is null
                then mappings.resolved_distinct_id
            else resolved.own_user_id
        end as user_id
    from resolved
    left join mappings on resolved.own_user_id = mappings.distinct_id and mappings.left_out_because is null
    left join devices on mappings.resolved_distinct_id = devices.device_id
),

dated as (
    select
        *,
        {{ time_text('occurred', timezone, counts_local=true) }} as occurred_at,
        {{ time_text('received') }} as received_at
    from merged
)

select * from dated
