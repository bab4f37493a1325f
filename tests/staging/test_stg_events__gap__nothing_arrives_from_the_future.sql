-- Nothing arrives so long after all else that it may be a wrong clock. A warning: a real pause looks the same on its
-- first days, and only people can tell.
{{ config(severity='warn') }}
{%- set text = dbt.type_string() %}
with
gap as (
    select * from {{ ref('stg_events__gap') }}
),

failures as (
    select
        cast(future_events as {{ text }}) || ' events arrive from ' || cast(first_future_date as {{ text }})
        || ' on, more than {{ segmentation.setting('max_gap_days') }} days after all others (the last on '
        || cast(last_sure_date as {{ text }})
        || '), and are rejected as from_future. If a clock or an export is wrong, mend their received_at (or'
        || ' occurred_at where there is none). If it was a real pause, set `vars: accept_data_through: '''
        || cast(data_through_if_accepted as {{ text }})
        || '''`. They count by themselves as soon as more events follow.'
            as message
    from gap
    where first_future_date is not null
)

select * from failures
