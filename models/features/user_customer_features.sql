{{ config(materialized='ephemeral') }}
{%- set lead_days = segmentation.setting('lead_days') %}

-- Status comes from timestamps alone: one that lies after the date is read as not having happened yet.
with
spine as (
    select
        *,
        -- Who is in an account is described by what it pays for, and by nothing else.
        {{ segmentation.payer_id('dated_users') }} as payer_id
    from {{ ref('user_dates') }} as dated_users
    where {{ segmentation.in_slice() }}
),

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
        -- Of a user who was merged into another one it is that user's from then on.
        {{ segmentation.payer_id('subscriptions', 'coalesce(user_merges.survivor_id, subscriptions.user_id)') }}
            as payer_id,
        dates.as_of_date,
        {{ segmentation.day_of('subscriptions.started_at') }} <= dates.as_of_date as has_started,
        coalesce({{ segmentation.day_of('subscriptions.ended_at') }} <= dates.as_of_date, false) as has_ended,
        coalesce({{ segmentation.day_of('subscriptions.converted_at') }} <= dates.as_of_date, false) as has_converted,
        coalesce({{ segmentation.day_of('subscriptions.trial_ends_at') }} <= dates.as_of_date, false) as is_trial_over,
        row_number() over (
            partition by subscriptions.subscription_id, dates.as_of_date
            order by subscriptions.valid_from desc
        ) as place
    from subscriptions
    inner join dates on {{ segmentation.day_of('subscriptions.valid_from') }} <= dates.as_of_date
    {{ segmentation.join_merges('subscriptions', 'dates.as_of_date') }}
),

current_versions as (
    select
        *,
        not has_ended and not (is_trial_over and not has_converted) as is_active,
        trial_ends_at is null or has_converted as is_paid
    from versions
    where place = 1 and has_started
),

ranked_versions as (
    select
        *,
        row_number() over (
            partition by payer_id, as_of_date, is_active
            order by mrr desc nulls last, started_at desc, subscription_id asc
        ) as place_by_mrr,
        row_number() over (
            partition by payer_id, as_of_date, trial_ends_at is null
            order by started_at desc, subscription_id desc
        ) as place_by_start
    from current_versions
),

-- The active subscriptions of the payer, and its last trial.
payers as (
    select
        payer_id,
        max(case when is_active and place_by_mrr = 1 then plan end) as plan,
        max(case
            when trial_ends_at is null or place_by_start > 1 then null
            when has_converted then 'converted'
            when is_trial_over or has_ended then 'lapsed'
            else 'in_trial'
        end) as trial_outcome,
        cast(coalesce(sum(case when is_active and is_paid then mrr end), 0) as double) as mrr,
        cast(coalesce(sum(case when is_active then seats end), 0) as bigint) as seats,
        max(case when is_active and place_by_mrr = 1 and not is_paid then 1 else 0 end) = 1 as is_trial,
        max(case when is_active and place_by_mrr = 1 then renewal_date end) as renewal_date,
        as_of_date
    from ranked_versions
    group by payer_id, as_of_date
),

-- What the payer paid 91 days before the date, from what was known then.
versions_91d_ago as (
    select
        {{ segmentation.payer_id('subscriptions', 'coalesce(user_merges.survivor_id, subscriptions.user_id)') }}
            as payer_id,
        subscriptions.mrr,
        subscriptions.trial_ends_at,
        {{ segmentation.days_before('dates.as_of_date', 91) }} as earlier_date,
        {{ segmentation.day_of('subscriptions.started_at') }} as started_date,
        {{ segmentation.day_of('subscriptions.ended_at') }} as ended_date,
        {{ segmentation.day_of('subscriptions.converted_at') }} as converted_date,
        dates.as_of_date,
        row_number() over (
            partition by subscriptions.subscription_id, dates.as_of_date
            order by subscriptions.valid_from desc
        ) as place
    from subscriptions
    inner join dates
        on
            {{ segmentation.day_of('subscriptions.valid_from') }}
            <= {{ segmentation.days_before('dates.as_of_date', 91) }}
    {{ segmentation.join_merges('subscriptions', 'dates.as_of_date') }}
),

earlier_payments as (
    select
        payer_id,
        cast(coalesce(sum(mrr), 0) as double) as mrr_91d_ago,
        as_of_date
    from versions_91d_ago
    where
        place = 1
        and started_date <= earlier_date
        and (ended_date is null or ended_date > earlier_date)
        and (trial_ends_at is null or converted_date <= earlier_date)
    group by payer_id, as_of_date
),

-- A renewal happened if some version runs beyond the day it was due; a paid subscription that is over did not renew.
paid_subscriptions as (
    select
        payer_id,
        subscription_id,
        max(case when place = 1 and has_ended then 1 else 0 end) = 1 as has_ended,
        max(renewal_date) as last_renewal_date,
        max(case when {{ segmentation.in_window('renewal_date', 'as_of_date', 91) }} then renewal_date end) as due_date,
        min(case
            when mrr > 0 and trial_ends_at is null then {{ segmentation.day_of('greatest(valid_from, started_at)') }}
            when mrr > 0 then {{ segmentation.day_of('greatest(valid_from, started_at, converted_at)') }}
        end) as paid_since,
        as_of_date
    from versions
    where
        has_started
        and (trial_ends_at is null or has_converted)
    group by payer_id, subscription_id, as_of_date
),

-- What was due last comes first.
ranked_renewals as (
    select
        payer_id,
        case
            when last_renewal_date > due_date then true
            when due_date is not null and has_ended then false
        end as is_renewed_91d,
        min(paid_since) over (partition by payer_id, as_of_date) as customer_since,
        as_of_date,
        row_number() over (
            partition by payer_id, as_of_date
            order by due_date desc nulls last, subscription_id asc
        ) as place
    from paid_subscriptions
),

leads as (
    select
        account_id,
        min({{ segmentation.day_of('entered_at') }}) as lead_date
    from account_stages
    where stage in ({{ segmentation.text_literals(segmentation.setting('lead_stages')) }})
    group by account_id
),

won_leads as (
    select
        leads.account_id,
        leads.lead_date,
        min({{ segmentation.day_of('won_stages.entered_at') }}) as won_date
    from leads
    left join account_stages as won_stages
        on
            leads.account_id = won_stages.account_id
            and won_stages.stage in ({{ segmentation.text_literals(segmentation.setting('won_stages')) }})
            and leads.lead_date <= {{ segmentation.day_of('won_stages.entered_at') }}
    group by leads.account_id, leads.lead_date
),

-- Of two stages at the same time the alphabetically last counts.
stage_times as (
    select
        account_id,
        entered_at,
        max(stage) as stage
    from account_stages
    group by account_id, entered_at
),

numbered_stages as (
    select
        *,
        lag(stage) over (
            partition by account_id
            order by entered_at
        ) as previous_stage
    from stage_times
),

-- The same stage recorded again is the same stay: it began where another stage, or none, stands before.
stage_entries as (
    select
        account_id,
        stage,
        entered_at
    from numbered_stages
    where stage is distinct from previous_stage
),

ranked_stages as (
    select
        stage_entries.account_id,
        stage_entries.stage,
        {{ segmentation.day_of('stage_entries.entered_at') }} as entered_date,
        dates.as_of_date,
        row_number() over (
            partition by stage_entries.account_id, dates.as_of_date
            order by stage_entries.entered_at desc
        ) as place
    from stage_entries
    inner join dates on {{ segmentation.day_of('stage_entries.entered_at') }} <= dates.as_of_date
),

customers as (
    select
        spine.user_id,
        payers.plan,
        payers.trial_outcome,
        ranked_stages.stage as journey_stage,
        {{ segmentation.attribute('account_owner', 'tracked_accounts', 'accounts') }} as account_owner,
        lower({{ segmentation.attribute('acquisition_channel', 'tracked_users', 'users') }}) as acquisition_channel,
        {{ segmentation.days_between('ranked_stages.entered_date', 'spine.as_of_date') }} as days_in_stage,
        coalesce(payers.mrr, 0e0) as mrr,
        coalesce(earlier_payments.mrr_91d_ago, 0e0) as mrr_91d_ago,
        coalesce(payers.seats, 0) as seats,
        -- 9999-12-31 is never: no number of days from now.
        case
            when payers.renewal_date < cast('9999-12-31' as date)
                then {{ segmentation.days_between('spine.as_of_date', 'payers.renewal_date') }}
        end as days_to_renewal,
        {{ segmentation.days_between('ranked_renewals.customer_since', 'spine.as_of_date') }} as days_as_customer,
        spine.tenure_days,
        coalesce(payers.is_trial, false) as is_trial,
        ranked_renewals.is_renewed_91d,
        -- All that could still happen within lead_days has happened by then: nothing later is read.
        case
            when won_leads.lead_date <= {{ segmentation.days_before('spine.as_of_date', lead_days - 1) }}
                then coalesce(
                    {{ segmentation.days_before('won_leads.won_date', lead_days - 1) }} <= won_leads.lead_date, false
                )
        end as is_lead_converted,
        {{ segmentation.week_start('spine.signup_date') }} as signup_week,
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
    left join payers
        on
            spine.payer_id = payers.payer_id
            and spine.as_of_date = payers.as_of_date
    left join earlier_payments
        on
            spine.payer_id = earlier_payments.payer_id
            and spine.as_of_date = earlier_payments.as_of_date
    left join ranked_renewals
        on
            spine.payer_id = ranked_renewals.payer_id
            and spine.as_of_date = ranked_renewals.as_of_date
            and ranked_renewals.place = 1
    left join won_leads on spine.account_id = won_leads.account_id
    left join ranked_stages
        on
            spine.account_id = ranked_stages.account_id
            and spine.as_of_date = ranked_stages.as_of_date
            and ranked_stages.place = 1
)

select * from customers
