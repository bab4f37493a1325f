{{ config(enabled=gives('mixpanel', 'users')) }}

-- Mixpanel's profiles. A profile of a device is left out: nobody is known behind it.
{%- set setting = connector_setting('mixpanel') or {'options': {}} %}
{%- set by_first_event = setting.options.get('signed_up_at') == 'first_event' and gives('mixpanel', 'events') %}
with
people as (
    {{ source_table('mixpanel', 'people', {
        'distinct_id': ['$distinct_id', 'distinct_id'],
        'email': ['$email', 'email'],
        'city': ['$city', 'city'],
        'region': ['$region', 'region'],
        'country': ['$country_code', 'country_code', 'mp_country_code'],
        'created': ['$created', 'created'],
        'last_seen': ['$last_seen', 'last_seen'],
    }, key=['distinct_id'], newest_by=['last_seen']) }}
),

devices as (
    {%- if gives('mixpanel', 'events') %}
    select distinct device_id from {{ ref('connector_mixpanel_persons') }}
    where device_id is not null
    {%- else %}
    select cast(null as varchar) as device_id where false
    {%- endif %}
),

first_events as (
    {%- if by_first_event %}
    select user_id, min(occurred_at) as first_event_at from {{ ref('connector_mixpanel_persons') }}
    where user_id is not null
    group by user_id
    {%- else %}
    select cast(null as varchar) as user_id, cast(null as varchar) as first_event_at where false
    {%- endif %}
),

dated as (
    select
        people.*,
        devices.device_id is not null or starts_with(people.distinct_id, '$device:') as is_device,
        coalesce({{ time_text('people.created', setting.options.timezone) }}, first_events.first_event_at) as signed_up_at
    from people
    left join devices on people.distinct_id = devices.device_id
    left join first_events on people.distinct_id = first_events.user_id
),

mapped as (
    select
        {{ as_input('users', {
            'user_id': 'distinct_id',
            'email': 'email',
            'country': 'country',
            'state': 'region',
            'city': 'city',
            'signed_up_at': 'signed_up_at',
            'updated_at': time_text('last_seen', setting.options.timezone),
            'deleted_at': 'case when is_deleted then ' ~ time_text('loaded_at') ~ ' end',
        }, 'mixpanel', 'people', left_out="coalesce(left_out_because, case when is_device then 'device' end)") }}
    from dated
)

select * from mapped
