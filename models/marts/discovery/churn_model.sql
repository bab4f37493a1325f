{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
-- Fitted on one half of the users, judged on the other.
with
data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

churn_values as (
    select * from {{ ref('churn_values') }}
),

churn_fit as (
    select * from {{ ref('churn_fit') }}
),

anchor as (
    {{ segmentation.churn_anchor('as_of_dates', 'data_through') }}
),

coefficients as (
    {{ segmentation.coefficients_in_a_row('churn_fit', features | length) }}
),

last_changes as (
    select max(abs(last_change)) as last_step
    from churn_fit
),

points as (
    {{ segmentation.standardized_values('churn_values', 'coefficients', features | length, ['test_half', 'has_left']) }}
),

predicted as (
    select
        points.test_half,
        points.has_left,
        coefficients.b0
        {%- for feature in features %}
        + coefficients.b{{ loop.index }} * points.x{{ loop.index }}
        {%- endfor %} as predictor
    from points
    cross join coefficients
    cross join last_changes
    where last_changes.last_step < 1e-6
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
        cast(coalesce(sum(case when test_half = 0 then has_left else 0 end), 0) as bigint) as training_churned,
        cast(coalesce(sum(test_half), 0) as bigint) as test_users,
        cast(coalesce(sum(case when test_half = 1 then has_left else 0 end), 0) as bigint) as test_churned
    from churn_values
),

judged as (
    select
        churn_fit.*,
        coalesce(last_changes.last_step < 1e-6, false) as is_converged,
        least(halves.training_churned, halves.training_users - halves.training_churned) as rarer_outcome,
        halves.training_users,
        halves.training_churned,
        halves.test_users,
        halves.test_churned,
        training_aucs.auc as training_auc,
        test_aucs.auc,
        test_aucs.auc_standard_error,
        anchor.anchor_date,
        anchor.outcome_date
    from churn_fit
    cross join last_changes
    cross join halves
    cross join anchor
    left join aucs as training_aucs on training_aucs.test_half = 0
    left join aucs as test_aucs on test_aucs.test_half = 1
),

graded as (
    select
        *,
        case
            when rarer_outcome < 2 then 'insufficient'
            when not is_converged then 'not_converged'
            when rarer_outcome < 5 * {{ features | length + 1 }} then 'low_counts'
            when rarer_outcome < 10 * {{ features | length + 1 }} then 'small_n'
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
        shown.training_churned,
        case when shown.is_fitted then shown.training_auc end as training_auc,
        shown.test_users,
        shown.test_churned,
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
        shown.data_through as as_of_date,
        shown.data_through
    from shown
)

select * from churn_model
