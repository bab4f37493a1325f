{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
{%- set churn = segmentation.setting('churn') -%}
{%- set outcome_days = 28 -%}
-- Features at an anchor date, outcome in the 28 days after it. Fitted on one half of the users, judged on the other.
with
data_through as (
    select * from {{ ref('data_through') }}
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
    select
        max(as_of_dates.as_of_date) as anchor_date,
        {{ segmentation.days_before('max(as_of_dates.as_of_date)', -outcome_days) }} as outcome_date
    from {{ ref('as_of_dates') }} as as_of_dates
    inner join data_through
        on {{ segmentation.days_before('as_of_dates.as_of_date', -outcome_days) }} <= data_through.data_through
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
observed as (
    select
        user_features.user_id,
        {%- for feature in features %}
        cast({{ feature.expression }} as double) as f{{ loop.index }},
        {%- endfor %}
        {{ segmentation.hash_half('user_features.user_id') }} as test_half,
        case when returned.user_id is null then 1 else 0 end as has_left
    from user_features
    inner join anchor on user_features.as_of_date = anchor.anchor_date
    left join users on user_features.user_id = users.user_id
    left join returned on user_features.user_id = returned.user_id
    where
        user_features.active_days_28d > 0
        and not coalesce(cast(users.deleted_at as date) <= anchor.outcome_date, false)
),

moments as (
    select
        {%- for feature in features %}
        avg(f{{ loop.index }}) as mean_{{ loop.index }},
        stddev_pop(f{{ loop.index }}) as deviation_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from observed
    where test_half = 0
),

-- In standard deviations; 0, the mean, where the value is unknown or the same for everybody.
standardised as (
    select
        observed.user_id,
        observed.test_half,
        observed.has_left,
        {%- for feature in features %}
        coalesce(
            {{ segmentation.standardised(
                'observed.f' ~ loop.index, 'moments.mean_' ~ loop.index, 'moments.deviation_' ~ loop.index
            ) }}, 0e0
        ) as x{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from observed
    cross join moments
),

training as (
    select * from standardised
    where test_half = 0
),

{{ segmentation.logistic_newton('newton', 'training', 'has_left', features | length, churn.ridge, churn.steps) }},

predicted as (
    select
        standardised.test_half,
        standardised.has_left,
        newton_{{ churn.steps }}.b0
        {%- for feature in features %}
        + newton_{{ churn.steps }}.b{{ loop.index }} * standardised.x{{ loop.index }}
        {%- endfor %} as predictor
    from standardised
    cross join newton_{{ churn.steps }}
    where newton_{{ churn.steps }}.last_step < 1e-6
),

placed as (
    {{ segmentation.auc_placements('predicted', 'predictor', 'has_left', ['test_half']) }}
),

aucs as (
    select
        test_half,
        {{ segmentation.auc_summary('has_left') }}
    from placed
    group by test_half
),

halves as (
    select
        cast(count(*) as bigint) as users,
        cast(coalesce(sum(case when test_half = 0 then 1 else 0 end), 0) as bigint) as training_users,
        cast(coalesce(sum(case when test_half = 0 then has_left else 0 end), 0) as bigint) as training_left,
        cast(coalesce(sum(test_half), 0) as bigint) as test_users,
        cast(coalesce(sum(case when test_half = 1 then has_left else 0 end), 0) as bigint) as test_left
    from observed
),

terms as (
    select
        'intercept' as term,
        cast(0 as bigint) as term_number,
        b0 as coefficient,
        cast(null as double) as feature_mean,
        cast(null as double) as feature_standard_deviation,
        last_step
    from newton_{{ churn.steps }}
    {%- for feature in features %}
    union all
    select
        '{{ feature.name }}' as term,
        cast({{ loop.index }} as bigint) as term_number,
        newton_{{ churn.steps }}.b{{ loop.index }} as coefficient,
        moments.mean_{{ loop.index }} as feature_mean,
        moments.deviation_{{ loop.index }} as feature_standard_deviation,
        newton_{{ churn.steps }}.last_step
    from newton_{{ churn.steps }}
    cross join moments
    {%- endfor %}
),

judged as (
    select
        terms.*,
        coalesce(terms.last_step < 1e-6, false) as is_converged,
        halves.training_users,
        halves.training_left,
        halves.test_users,
        halves.test_left,
        training_aucs.auc as training_auc,
        test_aucs.auc,
        test_aucs.auc_standard_error,
        anchor.anchor_date,
        anchor.outcome_date
    from terms
    cross join halves
    cross join anchor
    left join aucs as training_aucs on training_aucs.test_half = 0
    left join aucs as test_aucs on test_aucs.test_half = 1
),

graded as (
    select
        *,
        case
            when least(training_left, training_users - training_left) < 2 then 'insufficient'
            when not is_converged then 'not_converged'
            when least(training_left, training_users - training_left) < 5 * {{ features | length + 1 }} then 'low_counts'
            when least(training_left, training_users - training_left) < 10 * {{ features | length + 1 }} then 'small_n'
            else 'ok'
        end as quality
    from judged
),

-- With one who left the steps converge all the same: on a line through that one. Nothing of it is shown.
shown as (
    select
        *,
        quality not in ('insufficient', 'not_converged') as is_fitted
    from graded
),

churn_model as (
    select
        shown.term,
        shown.quality,
        shown.term_number,
        case when shown.is_fitted then shown.coefficient end as coefficient,
        shown.feature_mean,
        shown.feature_standard_deviation,
        shown.training_users,
        shown.training_left,
        case when shown.is_fitted then shown.training_auc end as training_auc,
        shown.test_users,
        shown.test_left,
        case when shown.is_fitted then shown.auc end as auc,
        case
            when shown.is_fitted
                then {{ segmentation.auc_bound('shown.auc', 'shown.auc_standard_error', 'lower') }}
        end as auc_lower,
        case
            when shown.is_fitted
                then {{ segmentation.auc_bound('shown.auc', 'shown.auc_standard_error', 'upper') }}
        end as auc_upper,
        shown.is_converged,
        shown.anchor_date,
        shown.outcome_date,
        data_through.data_through as as_of_date,
        data_through.data_through
    from shown
    cross join data_through
)

select * from churn_model
