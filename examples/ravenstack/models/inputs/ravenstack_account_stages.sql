-- Three kinds of dated facts make the journey: the signup, the start of a paid subscription, a churn.
-- RF04: the name of the column is the contract's.
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
        'signed_up' as stage,  -- noqa: RF04
        1 as place_in_day,
        {{ day_first('signup_date') }} as entered_at
    from accounts
    union
    select
        account_id,
        'customer' as stage,  -- noqa: RF04
        2 as place_in_day,
        {{ day_first('start_date') }} as entered_at
    from subscriptions
    where is_trial = 'FALSE'
    union
    select
        account_id,
        'churned' as stage,  -- noqa: RF04
        3 as place_in_day,
        {{ day_first('churn_date') }} as entered_at
    from churn_events
),

-- Dates have no order within a day, and the package would go by the alphabet: so one stage per account and day.
-- Of several, the one furthest on the journey.
ranked_facts as (
    select
        *,
        row_number() over (partition by account_id, entered_at order by place_in_day desc) as place
    from facts
),

days as (
    select * from ranked_facts
    where place = 1
),

-- A second subscription of a customer is no new stage. A paid one after a churn is: they are a customer again.
compared_days as (
    select
        account_id,
        stage,
        entered_at,
        lag(stage) over (partition by account_id order by entered_at) as previous_stage
    from days
),

changes as (
    select
        account_id,
        stage,
        entered_at
    from compared_days
    where stage is distinct from previous_stage
)

select * from changes
