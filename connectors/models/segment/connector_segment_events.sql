{{ config(enabled=gives('segment', 'events')) }}

with
calls as (
    select * from {{ ref('connector_segment_calls') }}
    where of_table != 'identifies'
),

mapped as (
    {%- for table in ('tracks', 'pages', 'screens') %}
    {{ 'union all' if not loop.first }}
    select
        {{ as_input('events', {
            'event_id': 'id',
            'user_id': 'user_id',
            'anonymous_id': 'anonymous_id',
            'event_name': 'event_name',
            'occurred_at': 'occurred_at',
            'received_at': 'received_at',
            'device_type': 'device_type',
            'os': 'os',
            'app_version': 'app_version',
            'country': 'country',
            'channel': 'channel',
            'properties': 'properties',
        }, 'segment', table, shared_id='id') }}
    from calls
    where of_table = '{{ table }}'
    {%- endfor %}
)

select * from mapped
