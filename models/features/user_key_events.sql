{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    post_hook="{{ segmentation.remove_stale_features(sparse_reads=['population', 'activity']) }}"
) }}

-- The counts per event, in rows: so no column name depends on which events a product has.
{% set rows %}
with
event_days as (
    select * from {{ ref('user_event_days') }}
    where is_human
),

dates as (
    select distinct as_of_date from spine
),

counts as (
    select
        event_days.user_id,
        event_days.event_name,
        {%- for days in [7, 28, 91] %}
        {{ segmentation.window_sum('events', 'bigint', days) }} as count_{{ days }}d,
        {%- endfor %}
        dates.as_of_date
    from event_days
    inner join dates
        on
            {{ segmentation.in_window('event_days.event_date', 'dates.as_of_date', 91) }}
            and event_days.known_date <= dates.as_of_date
    group by event_days.user_id, event_days.event_name, dates.as_of_date
)

select * from counts
{% endset %}

{{ segmentation.feature_rows(rows, reads=['population', 'activity'], sparse=true) }}
