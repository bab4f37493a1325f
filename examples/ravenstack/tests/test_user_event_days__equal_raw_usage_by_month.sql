-- No usage is lost: per month, the events that count and the rows that were rejected are all rows of the file that say
-- that something was used.
with
event_days as (
    select * from {{ ref('segmentation', 'user_event_days') }}
),

rejected_rows as (
    select * from {{ ref('segmentation', 'rejected_rows') }}
),

feature_usage as (
    select * from {{ ref('raw_feature_usage') }}
),

accounted as (
    select
        cast(date_trunc('month', event_date) as date) as usage_month,
        events as usage_rows
    from event_days
    union all
    select
        cast(date_trunc('month', cast(raw_row ->> 'occurred_at' as date)) as date) as usage_month,
        1 as usage_rows
    from rejected_rows
    where input = 'events'
),

accounted_months as (
    select
        usage_month,
        cast(sum(usage_rows) as bigint) as usage_rows
    from accounted
    group by usage_month
),

raw_usage as (
    select {{ iso_date_by_position('usage_date') }} as usage_date
    from feature_usage
    where cast(usage_count as integer) > 0
),

raw_months as (
    select
        cast(date_trunc('month', usage_date) as date) as usage_month,
        count(*) as usage_rows
    from raw_usage
    group by cast(date_trunc('month', usage_date) as date)
),

differences as (
    select
        coalesce(raw_months.usage_month, accounted_months.usage_month) as usage_month,
        'Month of ' || coalesce(raw_months.usage_month, accounted_months.usage_month) || ': '
        || coalesce(accounted_months.usage_rows, 0) || ' rows used or rejected, '
        || coalesce(raw_months.usage_rows, 0) || ' in the file.' as message
    from raw_months
    full outer join accounted_months on raw_months.usage_month = accounted_months.usage_month
    where raw_months.usage_rows is distinct from accounted_months.usage_rows
)

select * from differences
