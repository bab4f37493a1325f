{{ config(enabled=gives('amplitude', 'events') or gives('amplitude', 'users')) }}

-- Amplitude's events, typed. A person is a user_id and nothing else: after a sign-out on a shared device, the device's events keep the
-- amplitude_id of the last person, and going by it would give them to that person.
with
landed as (
    {{ source_table('amplitude', 'events', {
        'uuid': 'uuid', 'insert_id': ['$insert_id', '_insert_id', 'insert_id'], 'amplitude_id': 'amplitude_id', 'user_id': 'user_id',
        'device_id': 'device_id', 'event_type': 'event_type', 'occurred': ['event_time', 'client_event_time'],
        'received': ['server_received_time', 'server_upload_time'], 'session_id': 'session_id', 'version_name': 'version_name',
        'os_name': 'os_name', 'platform': 'platform', 'device_type': ['device_type'], 'country': 'country', 'region': 'region', 'city': 'city',
        'language': 'language', 'event_properties': 'event_properties', 'user_properties': 'user_properties',
        'user_created': 'user_creation_time',
    }) }}
),

dated as (
    select
        * exclude (user_id, device_id),
        {{ amplitude_text('user_id') }} as user_id,
        {{ amplitude_text('device_id') }} as device_id,
        {{ time_text('occurred') }} as occurred_at,
        {{ time_text('received') }} as received_at,
        {{ time_text('user_created') }} as created_at,
        -- uuid is unique per row; without it, the vendor's own key of a copy.
        coalesce(uuid, md5(concat_ws('|', coalesce(insert_id, event_properties, ''), device_id, user_id, event_type, occurred))) as event_id
    from landed
)

select * from dated
