{{ config(enabled=gives('amplitude', 'events')) }}

with
persons as (
    select * from {{ ref('connector_amplitude_persons') }}
),

mapped as (
    select
        {{ as_input('events', {
            'event_id': 'event_id',
            'user_id': 'user_id',
            'anonymous_id': 'device_id',
            'event_name': 'event_type',
            'occurred_at': 'occurred_at',
            'received_at': 'received_at',
            'session_id': "nullif(session_id, '-1')",
            'device_type': amplitude_text('device_type'),
            'os': amplitude_text('os_name'),
            'app_version': amplitude_text('version_name'),
            'country': amplitude_text('country'),
            'properties': 'event_properties',
        }, 'amplitude', 'events', left_out="coalesce(
            left_out_because,
            -- Rows of ad platforms are in the same stream: spending, which nobody did.
            case when event_type = 'Daily Ad Metrics' then 'ad_platform' end
        )", shared_id='insert_id') }}
    from persons
)

select * from mapped
