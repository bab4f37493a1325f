-- An account is in the stage churned on a date exactly if it has churned by then and started no paid subscription
-- since.
with
user_features as (
    select * from {{ ref('segmentation', 'user_features') }}
),

churn_events as (
    select * from {{ ref('raw_churn_events') }}
),

subscriptions as (
    select * from {{ ref('raw_subscriptions') }}
),

facts as (
    select
        account_id,
        'churn' as fact,
        {{ iso_date_by_position('churn_date') }} as fact_date
    from churn_events
    union all
    select
        account_id,
        'paid start' as fact,
        {{ iso_date_by_position('start_date') }} as fact_date
    from subscriptions
    where is_trial = 'FALSE'
),

expected as (
    select
        user_features.user_id,
        user_features.journey_stage,
        max(case when facts.fact = 'churn' then facts.fact_date end) as last_churn_date,
        max(case when facts.fact = 'paid start' then facts.fact_date end) as last_start_date,
        user_features.as_of_date
    from user_features
    left join facts
        on
            user_features.account_id = facts.account_id
            and user_features.as_of_date >= facts.fact_date
    group by user_features.user_id, user_features.journey_stage, user_features.as_of_date
),

differences as (
    select
        user_id,
        as_of_date,
        user_id || ' on ' || as_of_date || ' is in the stage ' || coalesce(journey_stage, '(none)') || '.' as message
    from expected
    where
        (journey_stage = 'churned')
        is distinct from coalesce(last_churn_date >= coalesce(last_start_date, last_churn_date), false)
)

select * from differences
