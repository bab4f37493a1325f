{{ config(
    materialized='incremental',
    incremental_strategy=segmentation.replacing_strategy(),
    unique_key='event_date',
    partition_by=segmentation.partition_columns(['event_date']),
    post_hook="{{ segmentation.remove_stale_activity() }}"
) }}
{%- set timeout_minutes = segmentation.setting('session_timeout_minutes') %}

-- Sessions are computed per user, UTC day and known date: so a date never depends on what followed it, an anonymous
-- session that was linked later never changes one that was known, and a day can be rebuilt on its own.
{% set rows %}
with
ordered_events as (
    select
        *,
        lag(occurred_at) over (
            partition by user_id, event_date, known_date
            order by occurred_at, event_id
        ) as previous_occurred_at
    from due_events
    where is_human
),

marked_events as (
    select
        *,
        case
            when previous_occurred_at >= occurred_at - interval {{ timeout_minutes }} minute then 0
            else 1
        end as starts_session
    from ordered_events
),

numbered_events as (
    select
        *,
        sum(starts_session) over (
            partition by user_id, event_date, known_date
            order by occurred_at, event_id
            rows between unbounded preceding and current row
        ) as session_number
    from marked_events
)

select
    user_id,
    cast(session_number as bigint) as session_number,
    max(case when starts_session = 1 then device_type end) as device_type,
    max(case when starts_session = 1 then os end) as os,
    max(case when starts_session = 1 then app_version end) as app_version,
    max(case when starts_session = 1 then channel end) as channel,
    cast(count(*) as bigint) as events,
    -- Whole microseconds add up to the same sum in any order; fractions of minutes do not.
    {{ segmentation.microseconds_between('min(occurred_at)', 'max(occurred_at)') }} as session_microseconds,
    event_date,
    known_date,
    min(occurred_at) as started_at,
    max(known_at) as last_known_at
from numbered_events
group by user_id, session_number, event_date, known_date
{% endset %}

{{ segmentation.activity_rows(rows) }}
