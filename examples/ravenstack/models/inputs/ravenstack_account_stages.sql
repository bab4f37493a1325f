-- Three kinds of dated facts make the journey: the signup, the start of a paid subscription, a churn.
with
accounts as (
    select * from {{ ref('raw_accounts') }}
),

subscriptions as (
    select * from {{ ref('raw_subscriptions') }}
),

churn_events as (
    select * from {{ ref('raw_churn_events') }}
),

facts as (
    select
        account_id,
        'signed_up' as stage,
        1 as place_in_day,
        {{ day_first('signup_date') }} as entered_at
    from accounts
    union
    select
        account_id,
        'customer' as stage,
        2 as place_in_day,
        {{ day_first('start_date') }} as entered_at
    from subscriptions
    where is_trial = 'FALSE'
    union
    select
        account_id,
        'churned' as stage,
        3 as place_in_day,
        {{ day_first('churn_date') }} as entered_at
    from churn_events
),

-- A second subscription of a customer is no new stage. A paid one after a churn is: they are a customer again.
ordered_facts as (
    select
        *,
        lag(stage) over (partition by account_id order by entered_at, place_in_day) as previous_stage
    from facts
),

changes as (
    select
        account_id,
        stage,
        entered_at
    from ordered_facts
    where stage is distinct from previous_stage
)

select * from changes
