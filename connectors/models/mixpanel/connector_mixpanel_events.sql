{{ config(enabled=gives('mixpanel', 'events')) }}

with
persons as (
    select * from {{ ref('connector_mixpanel_persons') }}
),

events as (
    -- The vendor's own key of an event. Copies of one, which exports hold, have one id and are counted as duplicates.
    select
        *,
        md5(concat_ws(
            '|', event_name, occurred_at, coalesce(distinct_id, ''), coalesce(insert_id, properties, '')
        )) as event_id
    from persons
),

mapped as (
    select
        {{ as_input('events', {
            'event_id': 'event_id',
            'user_id': 'user_id',
            'anonymous_id': 'device_id',
            'event_name': 'event_name',
            'occurred_at': 'occurred_at',
            'received_at': 'received_at',
            'os': 'os',
            'app_version': 'app_version',
            'country': 'country',
            'channel': 'utm_source',
            'properties': 'properties',
        }, 'mixpanel', 'events', left_out="coalesce(
            left_out_because,
            -- What Mixpanel writes down about ids: no one did it.
            case when event_name in ('$identify', '$create_alias', '$merge') then 'identity_event' end
        )", shared_id='insert_id') }}
    from events
)

select * from mapped
