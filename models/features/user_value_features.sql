{{ config(materialized='ephemeral') }}
{%- set rfm = segmentation.setting('rfm') %}
{%- set rfm_days = rfm.frequency_days or 1 %}
{%- set is_in_rfm_window = segmentation.in_window('user_days.event_date', 'dates.as_of_date', rfm_days) %}
{%- set revenues = ['revenue_91d', 'lifetime_revenue'] %}
{%- if rfm.monetary_days not in (none, 91) %}{% do revenues.append('rfm_revenue') %}{% endif %}

-- Ranks are among the users of the same date, so a date is rebuilt as a whole.
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

{%- if rfm.frequency_days != 91 %}

user_days as (
    select * from {{ ref('user_days') }}
    where is_first_known
),
{%- endif %}

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
        case when account_id is null then user_id end as user_id,
        -- Decimals add up to the same sum in any order; doubles do not, and ties would split.
        -- The product is one of doubles, in which no amount is too large, and becomes a decimal row by row.
        cast(cast(amount as double) * {{ segmentation.currency_rate('currency') }} as decimal(38, 8)) as amount,
        {{ segmentation.day_of('paid_at') }} as paid_date
    from invoices
),

-- Of accounts, and of users who paid alone: of one who was merged into another user it is that user's from then on.
revenue as (
    select
        payments.account_id,
        coalesce(user_merges.survivor_id, payments.user_id) as user_id,
        {{ segmentation.window_sum(
            'payments.amount', 'double', 91, date='payments.paid_date', as_of_date='dates.as_of_date'
        ) }} as revenue_91d,
        cast(sum(payments.amount) as double) as lifetime_revenue,
        {%- if rfm.monetary_days not in (none, 91) %}
        {{ segmentation.window_sum(
            'payments.amount', 'double', rfm.monetary_days, date='payments.paid_date', as_of_date='dates.as_of_date'
        ) }} as rfm_revenue,
        {%- endif %}
        dates.as_of_date
    from payments
    inner join dates on payments.paid_date <= dates.as_of_date
    {{ segmentation.join_merges('payments', 'dates.as_of_date') }}
    group by payments.account_id, coalesce(user_merges.survivor_id, payments.user_id), dates.as_of_date
),

{%- if rfm.frequency_days != 91 %}

rfm_days as (
    select
        user_days.user_id,
        cast(count(*) as bigint) as active_days,
        dates.as_of_date
    from user_days
    inner join dates
        on
            user_days.known_date <= dates.as_of_date
            {%- if rfm.frequency_days is not none %}
            and {{ is_in_rfm_window }}
            {%- endif %}
    group by user_days.user_id, dates.as_of_date
),
{%- endif %}

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
        {%- for name in revenues %}
        coalesce(account_revenue.{{ name }} / account_users.users, 0e0) + coalesce(own_revenue.{{ name }}, 0e0)
            as {{ name }},
        {%- endfor %}
        cast(account_users.users as bigint) as account_users,
        behaviors.active_days_28d,
        {{ 'behaviors.active_days_91d' if rfm.frequency_days == 91 else 'coalesce(rfm_days.active_days, 0)' }}
            as rfm_active_days,
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
    left join revenue as account_revenue
        on
            spine.account_id = account_revenue.account_id
            and spine.as_of_date = account_revenue.as_of_date
    left join revenue as own_revenue
        on
            spine.user_id = own_revenue.user_id
            and spine.as_of_date = own_revenue.as_of_date
    {%- if rfm.frequency_days != 91 %}
    left join rfm_days
        on
            spine.user_id = rfm_days.user_id
            and spine.as_of_date = rfm_days.as_of_date
    {%- endif %}
),

scored as (
    select
        user_id,
        {{ segmentation.class_of_date('-coalesce(days_since_last_seen, 1000000)') }} as rfm_recency,
        {{ segmentation.class_of_date('rfm_active_days') }} as rfm_frequency,
        {{ segmentation.class_of_date(
            {91: 'revenue_91d', none: 'lifetime_revenue'}.get(rfm.monetary_days, 'rfm_revenue')
        ) }} as rfm_monetary,
        revenue_91d,
        lifetime_revenue,
        account_users,
        {{ segmentation.health_score() }} as health_score,
        as_of_date
    from measures
)

select * from scored
