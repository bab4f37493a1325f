{%- set planned_users = segmentation.setting('experiment_planned_users') %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) -%}

-- Each variant beside the control of its experiment, in every segment and by every metric. Pooled: both arms together.
with
experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

experiment_outcomes as (
    select * from {{ ref('experiment_outcomes') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

pairs as (
    select
        experiment_variants.experiment,
        experiment_variants.variant,
        experiment_variants.control_variant,
        experiment_variants.evidence,
        outcomes.segment,
        outcomes.tier,
        outcomes.metric,
        outcomes.metric_kind,
        outcomes.n,
        coalesce(baseline.n, 0) as baseline_n,
        outcomes.n + coalesce(baseline.n, 0) as users,
        outcomes.unobserved_users + coalesce(baseline.unobserved_users, 0) as unobserved_users,
        outcomes.total,
        coalesce(baseline.total, 0e0) as baseline_total,
        outcomes.total + coalesce(baseline.total, 0e0) as pooled_total,
        outcomes.mean,
        baseline.mean as baseline_mean,
        outcomes.mean - baseline.mean as difference,
        outcomes.standard_deviation,
        baseline.standard_deviation as baseline_standard_deviation,
        outcomes.standard_deviation * outcomes.standard_deviation as variance,
        baseline.standard_deviation * baseline.standard_deviation as baseline_variance,
        outcomes.covariate_standard_deviation * outcomes.covariate_standard_deviation as covariate_variance,
        baseline.covariate_standard_deviation * baseline.covariate_standard_deviation as baseline_covariate_variance,
        outcomes.covariance,
        baseline.covariance as baseline_covariance,
        outcomes.covariate_mean - baseline.covariate_mean as covariate_difference,
        -- What the distance between the arms adds to a pooled sum of squares, per squared distance.
        outcomes.n * cast(baseline.n as double) / nullif(outcomes.n + baseline.n, 0) as distance_weight,
        -- Third central moment of the difference of the two means.
        outcomes.third_moment / nullif(cast(outcomes.n as double) * outcomes.n, 0)
        - baseline.third_moment / nullif(cast(baseline.n as double) * baseline.n, 0) as third_moment_of_difference,
        outcomes.rest_n,
        baseline.rest_n as baseline_rest_n,
        outcomes.rest_mean - baseline.rest_mean as rest_difference,
        outcomes.rest_standard_deviation * outcomes.rest_standard_deviation / nullif(outcomes.rest_n, 0)
            as rest_squared_error,
        baseline.rest_standard_deviation * baseline.rest_standard_deviation / nullif(baseline.rest_n, 0)
            as baseline_rest_squared_error
    from experiment_variants
    inner join experiment_outcomes as outcomes
        on
            experiment_variants.experiment = outcomes.experiment
            and experiment_variants.variant = outcomes.variant
    left join experiment_outcomes as baseline
        on
            experiment_variants.experiment = baseline.experiment
            and experiment_variants.control_variant = baseline.variant
            and outcomes.segment = baseline.segment
            and outcomes.metric = baseline.metric
    where not experiment_variants.is_control
),

pooled as (
    select
        *,
        (
            (n - 1) * variance + (baseline_n - 1) * baseline_variance + distance_weight * difference * difference
        ) / nullif(users - 1, 0) as pooled_variance,
        -- θ says how much of the covariate's difference to take off: nothing where it is the same for everybody, and
        -- nothing where the outcome is, whose covariance is rounding then.
        case
            when
                (n - 1) * variance + (baseline_n - 1) * baseline_variance + distance_weight * difference * difference
                <= 1e-24 * users * (mean * mean + baseline_mean * baseline_mean)
                then 0e0
            when covariate_variance + baseline_covariate_variance > 0
                then
                    (
                        (n - 1) * covariance
                        + (baseline_n - 1) * baseline_covariance
                        + distance_weight * difference * covariate_difference
                    ) / (
                        (n - 1) * covariate_variance
                        + (baseline_n - 1) * baseline_covariate_variance
                        + distance_weight * covariate_difference * covariate_difference
                    )
            when users > 0 then 0e0
        end as theta,
        variance / nullif(n, 0) as squared_error,
        baseline_variance / nullif(baseline_n, 0) as baseline_squared_error
    from pairs
),

residuals as (
    select
        *,
        variance - 2e0 * theta * covariance + theta * theta * covariate_variance as residual_variance,
        baseline_variance - 2e0 * theta * baseline_covariance + theta * theta * baseline_covariate_variance
            as baseline_residual_variance,
        difference - theta * covariate_difference as cuped_difference,
        squared_error + baseline_squared_error as squared_error_of_difference,
        squared_error + baseline_squared_error + rest_squared_error + baseline_rest_squared_error
            as interaction_squared_error
    from pooled
),

-- A variance that is nothing but rounding is none.
adjusted as (
    select
        *,
        case when residual_variance > 1e-12 * variance then sqrt(residual_variance) when n > 1 then 0e0 end
            as cuped_standard_deviation,
        case
            when baseline_residual_variance > 1e-12 * baseline_variance then sqrt(baseline_residual_variance)
            when baseline_n > 1 then 0e0
        end as baseline_cuped_standard_deviation
    from residuals
),

errors as (
    select
        *,
        {{ segmentation.welch_standard_error(
            'standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n'
        ) }} as standard_error_of_difference,
        {{ segmentation.welch_degrees_of_freedom(
            'standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n'
        ) }} as df,
        {{ segmentation.welch_standard_error(
            'cuped_standard_deviation', 'n', 'baseline_cuped_standard_deviation', 'baseline_n'
        ) }} as cuped_standard_error,
        {{ segmentation.welch_degrees_of_freedom(
            'cuped_standard_deviation', 'n', 'baseline_cuped_standard_deviation', 'baseline_n'
        ) }} as cuped_df,
        sqrt(interaction_squared_error) as interaction_standard_error,
        {{ segmentation.satterthwaite_df([
            ['squared_error', 'n'], ['baseline_squared_error', 'baseline_n'],
            ['rest_squared_error', 'rest_n'], ['baseline_rest_squared_error', 'baseline_rest_n'],
        ]) }} as interaction_df
    from adjusted
),

qualities as (
    select
        *,
        -- The skew is that of a difference: equal skew in equal arms cancels.
        {{ segmentation.comparison_quality(
            'n', 'baseline_n',
            insufficient="(metric_kind = 'mean' and not squared_error_of_difference > 0)",
            smallest_count="""case
                when metric_kind = 'binary'
                    then least(n, baseline_n) * least(pooled_total, n + baseline_n - pooled_total) / (n + baseline_n)
            end""",
            sampling_skew="""case
                when metric_kind = 'mean'
                    then third_moment_of_difference / nullif(power(squared_error_of_difference, 1.5e0), 0e0)
            end"""
        ) }} as quality,
        sqrt(squared_error) as standard_error,
        sqrt(baseline_squared_error) as baseline_standard_error,
        difference / nullif(standard_error_of_difference, 0) as t,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }} as z,
        cuped_difference / nullif(cuped_standard_error, 0) as cuped_t,
        difference - rest_difference as interaction,
        (difference - rest_difference) / nullif(interaction_standard_error, 0) as interaction_t
    from errors
),

-- Three estimates with a t of their own, below each other: the distribution is long, and spelled once.
estimates as (
    select
        experiment,
        variant,
        segment,
        metric,
        'difference' as estimate,
        t,
        df
    from qualities
    union all
    select
        experiment,
        variant,
        segment,
        metric,
        'cuped' as estimate,
        cuped_t as t,
        cuped_df as df
    from qualities
    union all
    select
        experiment,
        variant,
        segment,
        metric,
        'interaction' as estimate,
        interaction_t as t,
        interaction_df as df
    from qualities
),

students as (
    select
        *,
        {{ segmentation.student_t_two_sided_p('t', 'df') }} as p_value,
        {{ segmentation.student_t_quantile(quantile_p, 'df') }} as quantile
    from estimates
),

-- From here on what is not to be claimed is NULL: an estimate without a spread has no interval and no p value.
tests as (
    select
        qualities.*,
        case
            when qualities.quality = 'insufficient' then cast(null as double)
            when qualities.metric_kind = 'binary' then {{ segmentation.normal_two_sided_p('qualities.z') }}
            else of_difference.p_value
        end as p_value,
        of_difference.quantile * qualities.standard_error_of_difference as half_width,
        case when qualities.quality != 'insufficient' then of_cuped.p_value end as cuped_p_value,
        of_cuped.quantile * nullif(qualities.cuped_standard_error, 0) as cuped_half_width,
        case when qualities.quality != 'insufficient' then of_interaction.p_value end as interaction_p_value,
        case
            when qualities.quality != 'insufficient'
                then of_interaction.quantile * nullif(qualities.interaction_standard_error, 0)
        end as interaction_half_width,
        {{ segmentation.always_valid_half_width(
            'qualities.standard_error_of_difference', 'qualities.users', planned_users
        ) }} as always_valid_half_width,
        {{ segmentation.always_valid_p_value('qualities.t', 'qualities.users', planned_users) }} as always_valid_p_value
    from qualities
    inner join students as of_difference
        on
            qualities.experiment = of_difference.experiment
            and qualities.variant = of_difference.variant
            and qualities.segment = of_difference.segment
            and qualities.metric = of_difference.metric
            and of_difference.estimate = 'difference'
    inner join students as of_cuped
        on
            qualities.experiment = of_cuped.experiment
            and qualities.variant = of_cuped.variant
            and qualities.segment = of_cuped.segment
            and qualities.metric = of_cuped.metric
            and of_cuped.estimate = 'cuped'
    inner join students as of_interaction
        on
            qualities.experiment = of_interaction.experiment
            and qualities.variant = of_interaction.variant
            and qualities.segment = of_interaction.segment
            and qualities.metric = of_interaction.metric
            and of_interaction.estimate = 'interaction'
),

experiment_tests as (
    select
        tests.experiment,
        tests.variant,
        tests.control_variant,
        tests.segment,
        tests.tier,
        tests.metric,
        tests.metric_kind,
        tests.evidence,
        tests.quality,
        cast(tests.n as bigint) as n,
        cast(tests.baseline_n as bigint) as baseline_n,
        cast(tests.users as bigint) as users,
        cast(tests.unobserved_users as bigint) as unobserved_users,
        tests.total,
        tests.baseline_total,
        tests.mean,
        tests.standard_deviation,
        tests.standard_error,
        tests.baseline_mean,
        tests.baseline_standard_deviation,
        tests.baseline_standard_error,
        tests.pooled_variance,
        tests.difference,
        tests.squared_error_of_difference,
        tests.standard_error_of_difference,
        tests.half_width,
        tests.p_value,
        tests.cuped_difference,
        tests.cuped_standard_error,
        tests.cuped_half_width,
        tests.cuped_p_value,
        tests.always_valid_half_width,
        tests.always_valid_p_value,
        tests.interaction,
        tests.interaction_half_width,
        tests.interaction_p_value,
        data_through.data_through
    from tests
    cross join data_through
)

select * from experiment_tests
