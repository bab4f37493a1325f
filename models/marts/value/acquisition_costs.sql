-- What is spent on a channel in a month is spread evenly over the users who signed up by it in that month.
with
users as (
    select * from {{ ref('stg_users') }}
),

spend as (
    select * from {{ ref('stg_marketing_spend') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

signup_months as (
    select
        coalesce(lower(users.acquisition_channel), '__unknown__') as acquisition_channel,
        cast({{ dbt.date_trunc('month', segmentation.day_of('users.signed_up_at')) }} as date) as signup_month
    from users
    inner join data_through on {{ segmentation.day_of('users.signed_up_at') }} <= data_through.data_through
),

spend_months as (
    select
        coalesce(lower(spend.channel), '__unknown__') as acquisition_channel,
        cast({{ dbt.date_trunc('month', 'spend.spend_date') }} as date) as signup_month,
        cast(spend.amount as double) as amount
    from spend
    inner join data_through on spend.spend_date <= data_through.data_through
),

covered_months as (
    select
        min(signup_month) as first_month,
        max(signup_month) as last_month
    from spend_months
),

sides as (
    select
        acquisition_channel,
        signup_month,
        cast(1 as bigint) as signups,
        0e0 as spend
    from signup_months
    union all
    select
        acquisition_channel,
        signup_month,
        cast(0 as bigint) as signups,
        amount as spend
    from spend_months
),

sums as (
    select
        acquisition_channel,
        signup_month,
        cast(sum(signups) as bigint) as signups,
        sum(spend) as spend
    from sides
    group by acquisition_channel, signup_month
),

known_sums as (
    select
        sums.*,
        case
            when sums.signup_month between covered_months.first_month and covered_months.last_month then sums.spend
        end as known_spend
    from sums
    cross join covered_months
),

costs as (
    select
        known_sums.acquisition_channel,
        known_sums.signups,
        known_sums.known_spend as spend,
        known_sums.known_spend / nullif(known_sums.signups, 0) as cost_per_signup,
        known_sums.signup_month,
        data_through.data_through as as_of_date,
        data_through.data_through
    from known_sums
    cross join data_through
)

select * from costs
