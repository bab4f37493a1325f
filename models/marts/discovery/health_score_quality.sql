{%- set outcome_days = 28 -%}
{{ config(
    materialized='by_date',
    reads=['activity', 'population'],
    upstream=['user_features'],
    sized_by='user_features',
    outcome_days=outcome_days
) }}

-- The score of a date against what its users did in the 28 days after it: no score has seen its outcome.
with
data_through as (
    select * from {{ ref('data_through') }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

users as (
    select * from {{ ref('stg_users') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

dates as (
    select
        as_of_dates.as_of_date,
        {{ segmentation.days_before('as_of_dates.as_of_date', -outcome_days) }} as outcome_date
    from {{ ref('as_of_dates') }} as as_of_dates
    inner join data_through
        on {{ segmentation.days_before('as_of_dates.as_of_date', -outcome_days) }}
            <= {{ segmentation.closed_through('data_through') }}
    where {{ segmentation.in_slice() }}
),

-- Who came back, as it was known on the outcome date.
returned as (
    select
        user_days.user_id,
        dates.as_of_date
    from user_days
    inner join dates
        on
            {{ segmentation.in_window('user_days.event_date', 'dates.outcome_date', outcome_days) }}
            and user_days.known_date <= dates.outcome_date
    group by user_days.user_id, dates.as_of_date
),

outcomes as (
    select
        user_features.user_id,
        {{ segmentation.account_key('user_features') }} as account_key,
        user_features.health_score,
        -- The sicker the score, the likelier to leave.
        -user_features.health_score as risk,
        user_features.active_days_28d,
        -- Who deletes the account has left, whenever it was used last.
        case
            when returned.user_id is null or {{ segmentation.day_of('users.deleted_at') }} <= dates.outcome_date then 1
            else 0
        end
            as has_left,
        coalesce({{ segmentation.day_of('users.deleted_at') }} <= dates.outcome_date, false) as is_deleted,
        dates.as_of_date,
        dates.outcome_date
    from user_features
    inner join dates on user_features.as_of_date = dates.as_of_date
    left join users on user_features.user_id = users.user_id
    left join returned
        on
            user_features.user_id = returned.user_id
            and user_features.as_of_date = returned.as_of_date
),

populations as (
    select
        'all_users' as population,
        *
    from outcomes
    union all
    select
        'active_users' as population,
        *
    from outcomes
    where active_days_28d > 0
),

placed as (
    {{ segmentation.auc_placements('populations', 'risk', 'has_left', ['population', 'as_of_date']) }}
),

summaries as (
    select
        population,
        {{ segmentation.auc_summary('has_left') }},
        avg(case when has_left = 1 then health_score end) as mean_health_of_churned,
        avg(case when has_left = 0 then health_score end) as mean_health_of_stayed,
        as_of_date
    from placed
    group by population, as_of_date
),

witnessed as (
    {{ segmentation.auc_accounts('placed', 'has_left', 'account_key', ['population', 'as_of_date']) }}
),

-- Dates on which nobody can be judged have a row too.
deletions as (
    select
        population,
        cast(sum(case when is_deleted then 1 else 0 end) as bigint) as deleted,
        as_of_date,
        outcome_date
    from populations
    group by population, as_of_date, outcome_date
),

scores as (
    select
        deletions.population,
        coalesce(summaries.n, 0) as n,
        coalesce(summaries.positives, 0) as positives,
        coalesce(witnessed.accounts, 0) as accounts,
        deletions.deleted,
        summaries.auc,
        case when summaries.auc is not null then witnessed.design_effect end as design_effect,
        summaries.auc_standard_error * sqrt(witnessed.design_effect) as auc_standard_error,
        summaries.mean_health_of_churned,
        summaries.mean_health_of_stayed,
        deletions.as_of_date,
        deletions.outcome_date
    from deletions
    left join summaries
        on
            deletions.population = summaries.population
            and deletions.as_of_date = summaries.as_of_date
    left join witnessed
        on
            deletions.population = witnessed.population
            and deletions.as_of_date = witnessed.as_of_date
),

tested as (
    select
        *,
        (auc - 5e-1) / nullif(auc_standard_error, 0e0) as z_score,
        case
            when accounts < {{ segmentation.setting('min_test_accounts') }} then 'insufficient'
            else {{ segmentation.auc_quality('n', 'positives') }}
        end as quality
    from scores
),

health_score_quality as (
    select
        tested.population,
        tested.quality,
        tested.n,
        tested.accounts,
        tested.positives as churned_users,
        tested.deleted as deleted_users,
        tested.positives / cast(nullif(tested.n, 0) as double) as churned_share,
        tested.auc,
        {{ segmentation.auc_bound('tested.auc', 'tested.auc_standard_error', 'lower') }} as auc_lower,
        {{ segmentation.auc_bound('tested.auc', 'tested.auc_standard_error', 'upper') }} as auc_upper,
        case
            when tested.quality != 'insufficient' then {{ segmentation.normal_two_sided_p('tested.z_score') }}
        end as p_value,
        tested.design_effect,
        tested.mean_health_of_churned,
        tested.mean_health_of_stayed,
        tested.as_of_date,
        tested.outcome_date,
        data_through.data_through
    from tested
    cross join data_through
)

select * from health_score_quality
