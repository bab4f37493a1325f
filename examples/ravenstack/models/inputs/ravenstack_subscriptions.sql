-- The file holds each subscription once, so it has one version. Changes of plan are flags without a date and give none.
with
subscriptions as (
    select * from {{ ref('raw_subscriptions') }}
),

mapped as (
    select
        subscription_id,
        account_id,
        plan_tier as plan,
        seats,
        mrr_amount as mrr,
        {{ day_first('start_date') }} as valid_from,
        {{ day_first('start_date') }} as started_at,
        -- A trial is known as such, its last day is not. A date that never comes says exactly that: it is on trial
        -- until it ends. Its end_date would not do, as a trial's end counts as known ahead.
        case when is_trial = 'TRUE' then '9999-12-31' end as trial_ends_at,
        null as converted_at,
        {{ day_first('end_date') }} as ended_at,
        null as renewal_date
    from subscriptions
)

select * from mapped
