{{ config(
    materialized='incremental',
    incremental_strategy=segmentation.replacing_strategy(),
    unique_key='event_date',
    partition_by=segmentation.partition_columns(['event_date']),
    post_hook="{{ segmentation.remove_stale_activity() }}"
) }}

{%- set page_views = segmentation.text_literals(segmentation.setting('page_view_events')) %}
{%- set logins = segmentation.text_literals(segmentation.setting('login_events')) %}
{% set rows %}
with
session_days as (
    select
        user_id,
        event_date,
        known_date,
        cast(count(*) as bigint) as sessions,
        cast(sum(session_microseconds) as bigint) as session_microseconds
    from {{ ref('user_sessions') }}
    where event_date in (select event_date from due_events)
    group by user_id, event_date, known_date
),

event_days as (
    select
        user_id,
        cast(count(*) as bigint) as events,
        cast(sum(case when event_name in ({{ page_views }}) then 1 else 0 end) as bigint) as page_views,
        cast(sum(case when event_name in ({{ logins }}) then 1 else 0 end) as bigint) as logins,
        event_date,
        known_date,
        max(known_at) as last_known_at
    from due_events
    where is_human
    group by user_id, event_date, known_date
)

select
    event_days.user_id,
    event_days.events,
    event_days.page_views,
    event_days.logins,
    session_days.sessions,
    session_days.session_microseconds,
    -- A day counts as one active day, also if a part of it became known later.
    row_number() over (
        partition by event_days.user_id, event_days.event_date
        order by event_days.known_date
    ) = 1 as is_first_known,
    event_days.event_date,
    event_days.known_date,
    event_days.last_known_at
from event_days
inner join session_days
    on
        event_days.user_id = session_days.user_id
        and event_days.event_date = session_days.event_date
        and event_days.known_date = session_days.known_date
{% endset %}

{{ segmentation.activity_rows(rows) }}
