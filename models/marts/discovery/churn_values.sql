{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
{%- set outcome_days = segmentation._churn_outcome_days() -%}
-- Features at an anchor date, outcome in the days after it.
with
data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

user_features as (
    select * from {{ ref('user_features') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

anchor as (
    {{ segmentation.churn_anchor('as_of_dates', 'data_through') }}
),

returned as (
    select user_days.user_id
    from user_days
    inner join anchor
        on
            {{ segmentation.in_window('user_days.event_date', 'anchor.outcome_date', outcome_days) }}
            and user_days.known_date <= anchor.outcome_date
    group by user_days.user_id
),

-- Those who were in use, and could come back on all of the days.
in_use as (
    select
        user_features.*,
        {{ segmentation.account_key('user_features') }} as account_key
    from user_features
    inner join anchor on user_features.as_of_date = anchor.anchor_date
    where user_features.active_days_28d > 0
),

-- Colleagues are in the same half: else the model would be judged on people whom it half knows.
churn_values as (
    select
        user_features.user_id,
        user_features.account_key,
        {%- for feature in features %}
        cast({{ feature.expression }} as double) as value_{{ loop.index }},
        {%- endfor %}
        {%- for number in range(features | length + 1, 10) %}
        cast(null as double) as value_{{ number }},
        {%- endfor %}
        cast({{ segmentation.hash_half('user_features.account_key') }} as bigint) as test_half,
        -- Who deletes the account has left, whenever it was used last.
        cast(
            case
                when returned.user_id is null or {{ segmentation.day_of('users.deleted_at') }} <= anchor.outcome_date
                    then 1
                else 0
            end as bigint
        ) as has_left,
        data_through.data_through
    from in_use as user_features
    cross join anchor
    cross join data_through
    left join users on user_features.user_id = users.user_id
    left join returned on user_features.user_id = returned.user_id
)

select * from churn_values
