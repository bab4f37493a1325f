{{ config(
    materialized='incremental',
    incremental_strategy=segmentation.replacing_strategy(),
    unique_key='event_date',
    partition_by=segmentation.partition_columns(['event_date']),
    post_hook="{{ segmentation.remove_stale_activity() }}"
) }}

-- Events are read once, here; everything that counts events reads these rows.
{% set rows %}
with
hashed_events as (
    select
        *,
        {{ segmentation.user_event_hash() }} as event_hash
    from due_events
)

select
    user_id,
    event_name,
    cast(count(*) as bigint) as events,
    {{ segmentation.fingerprint_sum('event_hash') }} as events_hash,
    is_human,
    event_date,
    known_date,
    max(known_at) as last_known_at
from hashed_events
group by user_id, event_name, is_human, event_date, known_date
{% endset %}

{{ segmentation.activity_rows(rows) }}
