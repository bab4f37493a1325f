-- On every date the users who signed up through a channel in a month cost together what was spent on it in that month,
-- less what was spent on those who are gone.
with
user_features as (
    select * from {{ ref('user_features') }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
),

marketing_spend as (
    select * from {{ ref('stg_marketing_spend') }}
),

gone_users as (
    select
        cast({{ dbt.date_trunc('month', segmentation.day_of('users.signed_up_at')) }} as date) as signup_month,
        as_of_dates.as_of_date
    from {{ ref('stg_users') }} as users
    inner join {{ ref('as_of_dates') }} as as_of_dates
        on {{ segmentation.day_of('users.deleted_at') }} <= as_of_dates.as_of_date
    group by
        cast({{ dbt.date_trunc('month', segmentation.day_of('users.signed_up_at')) }} as date),
        as_of_dates.as_of_date
),

shared_out as (
    select
        user_features.acquisition_channel as channel,
        cast({{ dbt.date_trunc('month', 'user_dates.signup_date') }} as date) as signup_month,
        sum(user_features.acquisition_cost) as shared_cost,
        user_dates.as_of_date
    from user_dates
    inner join user_features
        on
            user_dates.user_id = user_features.user_id
            and user_dates.as_of_date = user_features.as_of_date
    where user_features.acquisition_channel is not null
    group by
        user_features.acquisition_channel,
        cast({{ dbt.date_trunc('month', 'user_dates.signup_date') }} as date),
        user_dates.as_of_date
),

spent as (
    select
        shared_out.channel,
        shared_out.signup_month,
        shared_out.shared_cost,
        sum(marketing_spend.amount) as amount,
        sum(abs(cast(marketing_spend.amount as double))) as size,
        max(case when gone_users.signup_month is not null then 1 else 0 end) as has_gone,
        shared_out.as_of_date
    from shared_out
    left join gone_users
        on
            shared_out.signup_month = gone_users.signup_month
            and shared_out.as_of_date = gone_users.as_of_date
    left join marketing_spend
        on
            shared_out.channel = marketing_spend.channel
            and shared_out.signup_month = cast({{ dbt.date_trunc('month', 'marketing_spend.spend_date') }} as date)
            and shared_out.as_of_date >= marketing_spend.spend_date
    group by shared_out.channel, shared_out.signup_month, shared_out.shared_cost, shared_out.as_of_date
),

failures as (
    select
        'user_marketing_features: on ' || cast(as_of_date as {{ dbt.type_string() }})
        || ' the users who signed up through ' || channel || ' in the month of '
        || cast(signup_month as {{ dbt.type_string() }}) || ' cost '
        || coalesce(cast(shared_cost as {{ dbt.type_string() }}), 'NULL') || ' together, the channel '
        || coalesce(cast(amount as {{ dbt.type_string() }}), '0')
        || '. Look at the joins of models/features/user_marketing_features.sql.' as message
    from spent
    where
        not coalesce(
            {{ segmentation.are_equal_sums('shared_cost', 'cast(amount as double)', 'size') }}
            or (has_gone = 1 and shared_cost < cast(amount as double)),
            amount is null and coalesce(shared_cost, 0) = 0
        )
)

select * from failures
