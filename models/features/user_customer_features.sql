{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['user_id', 'as_of_date'],
    post_hook="{{ segmentation.remove_stale_features() }}"
) }}

-- Status comes from timestamps alone: one that lies after the date is read as not having happened yet.
{% call segmentation.feature_rows(reads=['crm']) %}
with
users as (
    select * from {{ ref('stg_users') }}
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

account_stages as (
    select * from {{ ref('stg_account_stages') }}
),

dates as (
    select distinct as_of_date from spine
),

tracked_accounts as (
    {{ segmentation.attributes_as_of('account', ['account_owner']) }}
),

tracked_users as (
    {{ segmentation.attributes_as_of('user', ['acquisition_channel']) }}
),

versions as (
    select
        subscriptions.*,
        dates.as_of_date,
        cast(subscriptions.started_at as date) <= dates.as_of_date as has_started,
        coalesce(cast(subscriptions.ended_at as date) <= dates.as_of_date, false) as has_ended,
        coalesce(cast(subscriptions.converted_at as date) <= dates.as_of_date, false) as has_converted,
        coalesce(cast(subscriptions.trial_ends_at as date) <= dates.as_of_date, false) as is_trial_over,
        row_number() over (
            partition by subscriptions.subscription_id, dates.as_of_date
            order by subscriptions.valid_from desc
        ) as place
    from subscriptions
    inner join dates on cast(subscriptions.valid_from as date) <= dates.as_of_date
),

current_versions as (
    select
        *,
        not has_ended and not (is_trial_over and not has_converted) as is_active,
        trial_ends_at is null or has_converted as is_paid
    from versions
    where place = 1 and has_started
),

ranked_active as (
    select
        *,
        row_number() over (
            partition by account_id, as_of_date
            order by mrr desc nulls last, started_at desc, subscription_id
        ) as place_in_account
    from current_versions
    where is_active
),

active_subscriptions as (
    select
        account_id,
        as_of_date,
        max(case when place_in_account = 1 then plan end) as plan,
        max(case when place_in_account = 1 and not is_paid then 1 else 0 end) = 1 as is_trial,
        cast(coalesce(sum(case when is_paid then mrr end), 0) as double) as mrr,
        cast(coalesce(sum(seats), 0) as bigint) as seats,
        max(case when place_in_account = 1 then renewal_date end) as renewal_date
    from ranked_active
    group by account_id, as_of_date
),

ranked_trials as (
    select
        account_id,
        as_of_date,
        case
            when has_converted then 'converted'
            when is_trial_over or has_ended then 'lapsed'
            else 'in_trial'
        end as trial_outcome,
        row_number() over (
            partition by account_id, as_of_date
            order by started_at desc, subscription_id desc
        ) as place_in_account
    from current_versions
    where trial_ends_at is not null
),

ranked_stages as (
    select
        account_stages.account_id,
        account_stages.stage,
        cast(account_stages.entered_at as date) as entered_date,
        dates.as_of_date,
        row_number() over (
            partition by account_stages.account_id, dates.as_of_date
            order by account_stages.entered_at desc, account_stages.stage desc
        ) as place
    from account_stages
    inner join dates on cast(account_stages.entered_at as date) <= dates.as_of_date
),

customers as (
    select
        spine.user_id,
        active_subscriptions.plan,
        ranked_trials.trial_outcome,
        ranked_stages.stage as journey_stage,
        {{ segmentation.attribute('account_owner', 'tracked_accounts', 'accounts') }} as account_owner,
        lower({{ segmentation.attribute('acquisition_channel', 'tracked_users', 'users') }}) as acquisition_channel,
        {{ segmentation.days_between('ranked_stages.entered_date', 'spine.as_of_date') }} as days_in_stage,
        coalesce(active_subscriptions.mrr, 0e0) as mrr,
        coalesce(active_subscriptions.seats, 0) as seats,
        {{ segmentation.days_between('spine.as_of_date', 'active_subscriptions.renewal_date') }} as days_to_renewal,
        spine.tenure_days,
        coalesce(active_subscriptions.is_trial, false) as is_trial,
        cast({{ dbt.date_trunc('week', 'spine.signup_date') }} as date) as signup_week,
        spine.as_of_date
    from spine
    inner join users on spine.user_id = users.user_id
    left join accounts on spine.account_id = accounts.account_id
    left join tracked_accounts
        on
            spine.user_id = tracked_accounts.user_id
            and spine.as_of_date = tracked_accounts.as_of_date
    left join tracked_users
        on
            spine.user_id = tracked_users.user_id
            and spine.as_of_date = tracked_users.as_of_date
    left join active_subscriptions
        on
            spine.account_id = active_subscriptions.account_id
            and spine.as_of_date = active_subscriptions.as_of_date
    left join ranked_trials
        on
            spine.account_id = ranked_trials.account_id
            and spine.as_of_date = ranked_trials.as_of_date
            and ranked_trials.place_in_account = 1
    left join ranked_stages
        on
            spine.account_id = ranked_stages.account_id
            and spine.as_of_date = ranked_stages.as_of_date
            and ranked_stages.place = 1
)

select * from customers
{% endcall %}
