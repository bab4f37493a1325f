{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
{%- set steps = 8 -%}
-- Fitted on the users of one half of the accounts, judged on the others.
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
    {{ segmentation.standardized_values(
        'churn_values', 'coefficients', features | length, ['account_key', 'test_half', 'has_left']
    ) }}
),

predicted as (
    select
        points.account_key,
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

witnessed as (
    {{ segmentation.auc_accounts('placed', 'has_left', 'account_key', ['test_half']) }}
),

-- On the half that judges: how many the model expects to leave, and how its predictor would have to be stretched.
expected as (
    select
        predictor,
        has_left,
        {{ segmentation.logistic('predictor') }} as probability
    from predicted
    where test_half = 1
),

{{ segmentation.calibration_steps('calibration', 'expected', 'predictor', 'has_left', steps) }},

expectations as (
    select sum(probability) as expected_churned
    from expected
),

calibrated as (
    select
        expectations.expected_churned,
        case when abs(calibration.last_change) < 1e-6 then calibration.slope end as calibration_slope
    from calibration
    cross join expectations
),

halves as (
    select
        cast(count(*) as bigint) as users,
        cast(coalesce(sum(case when test_half = 0 then 1 else 0 end), 0) as bigint) as training_users,
        cast(coalesce(sum(case when test_half = 0 then has_left else 0 end), 0) as bigint) as training_churned,
        count(distinct case when test_half = 0 then account_key end) as training_accounts,
        cast(coalesce(sum(test_half), 0) as bigint) as test_users,
        cast(coalesce(sum(case when test_half = 1 then has_left else 0 end), 0) as bigint) as test_churned,
        count(distinct case when test_half = 1 then account_key end) as test_accounts
    from churn_values
),

judged as (
    select
        churn_fit.*,
        coalesce(last_changes.last_step < 1e-6, false) as is_converged,
        least(halves.training_churned, halves.training_users - halves.training_churned) as rarer_outcome,
        halves.training_users,
        halves.training_churned,
        halves.training_accounts,
        halves.test_users,
        halves.test_churned,
        halves.test_accounts,
        calibrated.expected_churned,
        calibrated.calibration_slope,
        training_aucs.auc as training_auc,
        test_aucs.auc,
        case when test_aucs.auc is not null then witnessed.design_effect end as design_effect,
        test_aucs.auc_standard_error * sqrt(witnessed.design_effect) as auc_standard_error,
        anchor.anchor_date,
        anchor.outcome_date
    from churn_fit
    cross join last_changes
    cross join halves
    cross join anchor
    cross join calibrated
    left join aucs as training_aucs on training_aucs.test_half = 0
    left join aucs as test_aucs on test_aucs.test_half = 1
    left join witnessed on witnessed.test_half = 1
),

graded as (
    select
        *,
        case
            when rarer_outcome < 2 then 'insufficient'
            when not is_converged then 'not_converged'
            when rarer_outcome < 5 * {{ features | length + 1 }} then 'low_counts'
            when rarer_outcome < 10 * {{ features | length + 1 }} then 'small_n'
            when least(training_accounts, test_accounts) < {{ segmentation.setting('min_test_accounts') }}
                then 'small_n'
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
        shown.training_accounts,
        case when shown.is_fitted then shown.training_auc end as training_auc,
        shown.test_users,
        shown.test_churned,
        shown.test_accounts,
        case when shown.is_fitted then shown.expected_churned end as test_expected_churned,
        case when shown.is_fitted then shown.calibration_slope end as calibration_slope,
        case when shown.is_fitted then shown.auc end as auc,
        case
            when shown.is_fitted
                then {{ segmentation.auc_bound('shown.auc', 'shown.auc_standard_error', 'lower') }}
        end as auc_lower,
        case
            when shown.is_fitted
                then {{ segmentation.auc_bound('shown.auc', 'shown.auc_standard_error', 'upper') }}
        end as auc_upper,
        case when shown.is_fitted then shown.design_effect end as design_effect,
        shown.is_converged,
        shown.anchor_date,
        shown.outcome_date,
        shown.data_through as as_of_date,
        shown.data_through
    from shown
)

select * from churn_model
