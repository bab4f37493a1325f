{{ config(enabled=gives('segment', 'events') or gives('segment', 'identities')) }}

-- Every call with an id of its own, one below the other: tracks, with the properties that only the table of their event has, and the page and
-- screen views that are not among them. Time is `timestamp`, which corrects the device's clock; original_timestamp does not.
{%- set shared = {
    'id': 'id', 'anonymous_id': 'anonymous_id', 'user_id': 'user_id', 'occurred': 'timestamp', 'received': 'received_at',
    'device_type': 'context_device_type', 'os': 'context_os_name', 'app_version': 'context_app_version', 'channel': 'context_campaign_source',
    'country': 'context_location_country',
} %}
with
{%- for table in ('tracks', 'pages', 'screens', 'identifies') %}
{%- set columns = {'event': 'event' if table == 'tracks' else 'event_of_no_page', 'properties': 'properties'} %}
{%- do columns.update(shared) %}
{{ table }} as (
    {{ source_table('segment', table, columns, rest='properties') }}
),
{%- endfor %}

event_properties as (
    {{ segment_properties() }}
),

-- BigQuery may show a call twice.
properties_of_calls as (
    select id, min(properties) as event_properties
    from event_properties
    where properties is not null and properties != '{}'
    group by id
),

calls as (
    select
        'tracks' as of_table, tracks.* exclude (event, properties), tracks.event as event_name,
        case
            when properties_of_calls.event_properties is null then tracks.properties
            else cast(json_merge_patch(coalesce(tracks.properties, '{}'), properties_of_calls.event_properties) as varchar)
        end as properties
    from tracks
    left join properties_of_calls on tracks.id = properties_of_calls.id
    union all by name
    select 'pages' as of_table, * exclude (event), 'page_viewed' as event_name from pages
    union all by name
    select 'screens' as of_table, * exclude (event), 'screen_viewed' as event_name from screens
    union all by name
    select 'identifies' as of_table, * exclude (event), cast(null as varchar) as event_name from identifies
),

dated as (
    select
        *,
        {{ time_text('occurred') }} as occurred_at,
        {{ time_text('received') }} as received_at
    from calls
)

select * from dated
