{{ config(materialized='ephemeral') }}

-- What a signup cost depends on who else signed up, so a date is rebuilt as a whole.
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

messages as (
    select * from {{ ref('user_messages') }}
),

spend as (
    select * from {{ ref('stg_marketing_spend') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

changes as (
    select * from {{ ref('attribute_changes') }}
    where
        entity = 'user'
        and attribute = 'acquisition_channel'
),

customers as (
    select * from {{ ref('user_customer_features') }}
),

dates as (
    select distinct as_of_date from spine
),

message_counts as (
    select
        messages.user_id,
        cast(count(*) as bigint) as messages_delivered_91d,
        cast(sum(
            case when {{ segmentation.day_of('messages.clicked_at') }} <= dates.as_of_date then 1 else 0 end
        ) as bigint)
            as messages_clicked_91d,
        dates.as_of_date
    from messages
    inner join dates
        on
            {{ segmentation.in_window(segmentation.day_of('messages.delivered_at'), 'dates.as_of_date', 91) }}
            and messages.known_date <= dates.as_of_date
    group by messages.user_id, dates.as_of_date
),

monthly_spend as (
    select
        spend.channel,
        cast(sum(spend.amount) as double) as amount,
        cast({{ dbt.date_trunc('month', 'spend.spend_date') }} as date) as spend_month,
        dates.as_of_date
    from spend
    inner join dates on spend.spend_date <= dates.as_of_date
    group by spend.channel, cast({{ dbt.date_trunc('month', 'spend.spend_date') }} as date), dates.as_of_date
),

spend_starts as (
    select
        min(spend_month) as first_month,
        as_of_date
    from monthly_spend
    group by as_of_date
),

signups as (
    select
        spine.user_id,
        customers.acquisition_channel,
        cast({{ dbt.date_trunc('month', 'spine.signup_date') }} as date) as signup_month,
        spine.as_of_date
    from spine
    inner join customers
        on
            spine.user_id = customers.user_id
            and spine.as_of_date = customers.as_of_date
),

-- The spend was on those who have gone since, too.
gone_users as (
    select
        users.user_id,
        users.acquisition_channel,
        cast({{ dbt.date_trunc('month', segmentation.day_of('users.signed_up_at')) }} as date) as signup_month,
        dates.as_of_date
    from users
    inner join dates
        on
            {{ segmentation.day_of('users.signed_up_at') }} <= dates.as_of_date
            and {{ segmentation.day_of('users.deleted_at') }} <= dates.as_of_date
),

all_signups as (
    select
        acquisition_channel,
        signup_month,
        as_of_date
    from signups
    union all
    select
        lower(
            case
                when changes.entity_id is not null then changes.value
                else cast(gone_users.acquisition_channel as {{ dbt.type_string() }})
            end
        ) as acquisition_channel,
        gone_users.signup_month,
        gone_users.as_of_date
    from gone_users
    left join changes
        on
            gone_users.user_id = changes.entity_id
            and gone_users.as_of_date >= changes.valid_from_date
            and (changes.valid_to_date is null or gone_users.as_of_date < changes.valid_to_date)
),

signup_counts as (
    select
        acquisition_channel,
        count(*) as users,
        signup_month,
        as_of_date
    from all_signups
    where acquisition_channel is not null
    group by acquisition_channel, signup_month, as_of_date
),

marketing as (
    select
        signups.user_id,
        -- A channel without spend in a month that has spend is free; before the first month with spend nothing is
        -- known.
        case
            when signups.signup_month >= spend_starts.first_month
                then coalesce(monthly_spend.amount, 0e0) / signup_counts.users
        end as acquisition_cost,
        coalesce(message_counts.messages_delivered_91d, 0) as messages_delivered_91d,
        coalesce(message_counts.messages_clicked_91d, 0) as messages_clicked_91d,
        signups.as_of_date
    from signups
    left join signup_counts
        on
            signups.acquisition_channel = signup_counts.acquisition_channel
            and signups.signup_month = signup_counts.signup_month
            and signups.as_of_date = signup_counts.as_of_date
    left join spend_starts on signups.as_of_date = spend_starts.as_of_date
    left join monthly_spend
        on
            signups.acquisition_channel = monthly_spend.channel
            and signups.signup_month = monthly_spend.spend_month
            and signups.as_of_date = monthly_spend.as_of_date
    left join message_counts
        on
            signups.user_id = message_counts.user_id
            and signups.as_of_date = message_counts.as_of_date
)

select * from marketing
