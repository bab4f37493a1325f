{{ config(materialized='ephemeral') }}

-- Ranks are among the users of the same date, so a date is rebuilt as a whole.
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

behaviors as (
    select * from {{ ref('user_behavioral_features') }}
),

psychographics as (
    select * from {{ ref('user_psychographic_features') }}
),

dates as (
    select distinct as_of_date from spine
),

payments as (
    select
        account_id,
        -- Decimals add up to the same sum in any order; doubles do not, and ties would split.
        -- The product is one of doubles, in which no amount is too large, and becomes a decimal row by row.
        cast(cast(amount as double) * {{ segmentation.currency_rate('currency') }} as decimal(38, 8)) as amount,
        cast(paid_at as date) as paid_date
    from invoices
),

account_revenue as (
    select
        payments.account_id,
        {{ segmentation.window_sum(
            'payments.amount', 'double', 91, date='payments.paid_date', as_of_date='dates.as_of_date'
        ) }} as revenue_91d,
        cast(sum(payments.amount) as double) as lifetime_revenue,
        dates.as_of_date
    from payments
    inner join dates on payments.paid_date <= dates.as_of_date
    group by payments.account_id, dates.as_of_date
),

account_users as (
    select
        account_id,
        as_of_date,
        count(*) as users
    from spine
    where account_id is not null
    group by account_id, as_of_date
),

measures as (
    select
        spine.user_id,
        spine.as_of_date,
        coalesce(account_revenue.revenue_91d / account_users.users, 0e0) as revenue_91d,
        coalesce(account_revenue.lifetime_revenue / account_users.users, 0e0) as lifetime_revenue,
        cast(account_users.users as bigint) as account_users,
        behaviors.active_days_28d,
        behaviors.active_days_91d,
        behaviors.distinct_features_28d,
        behaviors.usage_change_28d,
        behaviors.open_tickets,
        behaviors.days_since_last_seen,
        psychographics.nps_score
    from spine
    inner join behaviors
        on
            spine.user_id = behaviors.user_id
            and spine.as_of_date = behaviors.as_of_date
    inner join psychographics
        on
            spine.user_id = psychographics.user_id
            and spine.as_of_date = psychographics.as_of_date
    left join account_users
        on
            spine.account_id = account_users.account_id
            and spine.as_of_date = account_users.as_of_date
    left join account_revenue
        on
            spine.account_id = account_revenue.account_id
            and spine.as_of_date = account_revenue.as_of_date
),

scored as (
    select
        user_id,
        {{ segmentation.fifth_of_date('-coalesce(days_since_last_seen, 1000000)') }} as rfm_recency,
        {{ segmentation.fifth_of_date('active_days_91d') }} as rfm_frequency,
        {{ segmentation.fifth_of_date('revenue_91d') }} as rfm_monetary,
        revenue_91d,
        lifetime_revenue,
        account_users,
        {{ segmentation.health_score() }} as health_score,
        as_of_date
    from measures
)

select * from scored
