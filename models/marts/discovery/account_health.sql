{%- set bands = segmentation.setting('health_bands') -%}
with
data_through as (
    select * from {{ ref('data_through') }}
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where
        {{ segmentation.at_newest_date() }}
        and account_id is not null
),

account_users as (
    select
        account_id,
        max(plan) as plan,
        cast(count(*) as bigint) as users,
        cast(sum(case when active_days_28d > 0 then 1 else 0 end) as bigint) as active_users,
        cast(sum(open_tickets) as bigint) as open_tickets,
        cast(min(days_to_renewal) as bigint) as days_to_renewal,
        -- The account's, and the same for all of its users.
        cast(max(mrr) as double) as mrr,
        avg(health_score) as mean_health,
        min(health_score) as lowest_health,
        sum(revenue_91d) as revenue_91d
    from user_features
    group by account_id
),

-- Accounts pay whether somebody is there or not; with users it is what these have together.
account_revenue as (
    select
        invoices.account_id,
        sum(cast(invoices.amount as double) * {{ segmentation.currency_rate('invoices.currency') }}) as revenue_91d
    from invoices
    cross join data_through
    where
        invoices.account_id is not null
        and {{ segmentation.in_window(segmentation.day_of('invoices.paid_at'), 'data_through.data_through', 91) }}
    group by invoices.account_id
),

known_accounts as (
    select accounts.account_id
    from accounts
    cross join data_through
    where coalesce({{ segmentation.day_of('accounts.created_at') }} <= data_through.data_through, true)
    union
    select account_id from account_users
),

account_health as (
    select
        known_accounts.account_id,
        account_users.plan,
        -- A mean that misses a bound by rounding alone reaches it.
        case
            when account_users.users is null then 'no_users'
            when account_users.mean_health < {{ bands.poor_below }} - 1e-9 then 'poor'
            when account_users.mean_health < {{ bands.good_from }} - 1e-9 then 'fair'
            else 'good'
        end as band,
        coalesce(account_users.users, 0) as users,
        coalesce(account_users.active_users, 0) as active_users,
        coalesce(account_users.open_tickets, 0) as open_tickets,
        account_users.days_to_renewal,
        account_users.mrr,
        account_users.mean_health,
        account_users.lowest_health,
        coalesce(account_users.revenue_91d, account_revenue.revenue_91d, 0e0) as revenue_91d,
        data_through.data_through as as_of_date,
        data_through.data_through
    from known_accounts
    cross join data_through
    left join account_users on known_accounts.account_id = account_users.account_id
    left join account_revenue on known_accounts.account_id = account_revenue.account_id
)

select * from account_health
