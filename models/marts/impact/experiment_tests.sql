{%- set planned_users = segmentation.setting('experiment_planned_users') %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) -%}

-- Each variant beside the control of its experiment, in every segment and by every metric. Pooled: both arms together.
-- Errors are those of the unit that was assigned: of users, or of accounts.
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
        experiment_variants.randomization_unit,
        outcomes.segment,
        outcomes.segment_group,
        outcomes.metric,
        outcomes.metric_kind,
        outcomes.n,
        coalesce(baseline.n, 0) as baseline_n,
        outcomes.n + coalesce(baseline.n, 0) as users,
        outcomes.accounts,
        coalesce(baseline.accounts, 0) as baseline_accounts,
        cast(outcomes.unobserved_users + coalesce(baseline.unobserved_users, 0) as bigint) as unobserved_users,
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
        outcomes.covariate_mean - baseline.covariate_mean as covariate_difference,
        -- What the distance between the arms adds to a pooled sum of squares, per squared distance.
        outcomes.n * cast(baseline.n as double) / nullif(outcomes.n + baseline.n, 0) as distance_weight,
        {%- for column in [
            'covariance', 'squared_error', 'covariate_squared_error', 'covariance_of_means', 'degrees_of_freedom', 'rest_n'
        ] %}
        outcomes.{{ column }},
        baseline.{{ column }} as baseline_{{ column }},
        {%- endfor %}
        outcomes.third_moment_of_mean - baseline.third_moment_of_mean as third_moment_of_difference,
        outcomes.rest_mean - baseline.rest_mean as rest_difference,
        outcomes.rest_standard_deviation * outcomes.rest_standard_deviation / nullif(outcomes.rest_n, 0)
            as rest_squared_error,
        baseline.rest_standard_deviation * baseline.rest_standard_deviation / nullif(baseline.rest_n, 0)
            as baseline_rest_squared_error,
        -- Colleagues may be inside of the segment and outside: the error of the distance is that of both together.
        outcomes.interaction_squared_error as account_interaction_error,
        baseline.interaction_squared_error as baseline_account_interaction_error,
        least(outcomes.degrees_of_freedom, outcomes.rest_accounts - 1) as account_interaction_df,
        least(baseline.degrees_of_freedom, baseline.rest_accounts - 1) as baseline_account_interaction_df,
        least(outcomes.accounts, outcomes.rest_accounts, baseline.accounts, baseline.rest_accounts)
            as interaction_accounts
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
    where
        not experiment_variants.is_control
        and not experiment_variants.is_holdout
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
        variance / nullif(n, 0) + baseline_variance / nullif(baseline_n, 0) as user_squared_error
    from pairs
),

residuals as (
    select
        *,
        squared_error - 2e0 * theta * covariance_of_means + theta * theta * covariate_squared_error
            as residual_squared_error,
        baseline_squared_error - 2e0 * theta * baseline_covariance_of_means
        + theta * theta * baseline_covariate_squared_error as baseline_residual_squared_error,
        difference - theta * covariate_difference as cuped_difference,
        squared_error + baseline_squared_error as squared_error_of_difference,
        -- How many users say no more than one would by himself; where all are alike, colleagues may be one.
        case
            when randomization_unit = 'user' then 1e0
            else
                coalesce(
                    (squared_error + baseline_squared_error) / nullif(user_squared_error, 0),
                    users / nullif(cast(accounts + baseline_accounts as double), 0)
                )
        end as design_effect,
        case
            when randomization_unit = 'user'
                then squared_error + baseline_squared_error + rest_squared_error + baseline_rest_squared_error
            when interaction_accounts >= {{ segmentation.setting('min_test_accounts') }}
                then account_interaction_error + baseline_account_interaction_error
        end as interaction_squared_error
    from pooled
),

-- A variance that is nothing but rounding is none.
adjusted as (
    select
        *,
        case when residual_squared_error > 1e-12 * squared_error then residual_squared_error when n > 1 then 0e0 end
            as cuped_squared_error,
        case
            when baseline_residual_squared_error > 1e-12 * baseline_squared_error then baseline_residual_squared_error
            when baseline_n > 1 then 0e0
        end as baseline_cuped_squared_error
    from residuals
),

errors as (
    select
        *,
        sqrt(squared_error_of_difference) as standard_error_of_difference,
        {{ segmentation.satterthwaite_df([
            ['squared_error', 'degrees_of_freedom + 1'], ['baseline_squared_error', 'baseline_degrees_of_freedom + 1'],
        ]) }} as df,
        sqrt(cuped_squared_error + baseline_cuped_squared_error) as cuped_standard_error,
        {{ segmentation.satterthwaite_df([
            ['cuped_squared_error', 'degrees_of_freedom + 1'],
            ['baseline_cuped_squared_error', 'baseline_degrees_of_freedom + 1'],
        ]) }} as cuped_df,
        sqrt(interaction_squared_error) as interaction_standard_error,
        case
            when randomization_unit = 'user'
                then
                    {{ segmentation.satterthwaite_df([
                        ['squared_error', 'n'], ['baseline_squared_error', 'baseline_n'],
                        ['rest_squared_error', 'rest_n'], ['baseline_rest_squared_error', 'baseline_rest_n'],
                    ]) }}
            else
                {{ segmentation.satterthwaite_df([
                    ['account_interaction_error', 'account_interaction_df + 1'],
                    ['baseline_account_interaction_error', 'baseline_account_interaction_df + 1'],
                ]) }}
        end as interaction_df
    from adjusted
),

with_quality as (
    select
        *,
        -- The skew is that of a difference: equal skew in equal arms cancels.
        {{ segmentation.comparison_quality(
            'n', 'baseline_n',
            insufficient="(metric_kind != 'binary' and not squared_error_of_difference > 0)"
                ~ " or (randomization_unit = 'account' and least(accounts, baseline_accounts) < 2)",
            smallest_count="""case
                when metric_kind = 'binary'
                    then least(n, baseline_n) * least(pooled_total, n + baseline_n - pooled_total) / (n + baseline_n)
                        / design_effect
            end""",
            sampling_skew="""case
                when metric_kind != 'binary'
                    then third_moment_of_difference / nullif(power(squared_error_of_difference, 1.5e0), 0e0)
            end""",
            units=['accounts', 'baseline_accounts'], units_when="randomization_unit = 'account'"
        ) }} as quality
    from errors
),

qualities as (
    select
        *,
        -- Below min_test_accounts nothing is tested, whatever the quality says first.
        randomization_unit = 'user'
        or least(accounts, baseline_accounts) >= {{ segmentation.setting('min_test_accounts') }} as has_units,
        sqrt(squared_error) as standard_error,
        sqrt(baseline_squared_error) as baseline_standard_error,
        difference / nullif(standard_error_of_difference, 0) as t,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }}
        / nullif(sqrt(design_effect), 0) as z,
        cuped_difference / nullif(cuped_standard_error, 0) as cuped_t,
        difference - rest_difference as interaction,
        (difference - rest_difference) / nullif(interaction_standard_error, 0) as interaction_t
    from with_quality
),

-- Three estimates with a t of their own, below each other: the distribution is long, and spelled once.
estimates as (
    {%- for estimate, t, df in [
        ('difference', "case when metric_kind = 'binary' then z else t end", 'df'), ('cuped', 'cuped_t', 'cuped_df'),
        ('interaction', 'interaction_t', 'interaction_df'),
    ] %}
    select
        experiment,
        variant,
        segment,
        metric,
        '{{ estimate }}' as estimate,
        {{ t }} as t,
        {{ df }} as df
    from qualities
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

students as (
    select
        *,
        {{ segmentation.student_t_two_sided_p('t', 'df') }} as p_value,
        {{ segmentation.student_t_quantile(quantile_p, 'df') }} as quantile
    from estimates
),

students_in_a_row as (
    select
        experiment,
        variant,
        segment,
        {%- for estimate in ['difference', 'cuped', 'interaction'] %}
        max(case when estimate = '{{ estimate }}' then p_value end) as {{ estimate }}_p_value,
        max(case when estimate = '{{ estimate }}' then quantile end) as {{ estimate }}_quantile,
        {%- endfor %}
        metric
    from students
    group by experiment, variant, segment, metric
),

-- From here on what is not to be claimed is NULL: an estimate without a spread has no interval and no p value.
tests as (
    select
        qualities.*,
        case
            when qualities.quality = 'insufficient' or not qualities.has_units then cast(null as double)
            when qualities.metric_kind = 'binary' and qualities.randomization_unit = 'user'
                then {{ segmentation.normal_two_sided_p('qualities.z') }}
            else students_in_a_row.difference_p_value
        end as p_value,
        students_in_a_row.difference_quantile * qualities.standard_error_of_difference as half_width,
        -- One user in the interval of two shares, which is a normal one, counts for so many.
        case
            when qualities.randomization_unit = 'user' then 1e0
            else
                coalesce(
                    power({{ segmentation.normal_quantile(quantile_p) }} / students_in_a_row.difference_quantile, 2),
                    1e0
                ) / nullif(qualities.design_effect, 0)
        end as effective_users_per_user,
        case when qualities.quality != 'insufficient' and qualities.has_units then students_in_a_row.cuped_p_value end
            as cuped_p_value,
        students_in_a_row.cuped_quantile * nullif(qualities.cuped_standard_error, 0) as cuped_half_width,
        case when qualities.quality != 'insufficient' then students_in_a_row.interaction_p_value end
            as interaction_p_value,
        case
            when qualities.quality != 'insufficient'
                then students_in_a_row.interaction_quantile * nullif(qualities.interaction_standard_error, 0)
        end as interaction_half_width,
        {{ segmentation.always_valid_half_width(
            'qualities.standard_error_of_difference', 'qualities.users', planned_users
        ) }} as always_valid_half_width,
        case
            when qualities.has_units
                then {{ segmentation.always_valid_p_value('qualities.t', 'qualities.users', planned_users) }}
        end as always_valid_p_value
    from qualities
    inner join students_in_a_row
        on
            qualities.experiment = students_in_a_row.experiment
            and qualities.variant = students_in_a_row.variant
            and qualities.segment = students_in_a_row.segment
            and qualities.metric = students_in_a_row.metric
),

experiment_tests as (
    select
        tests.experiment,
        tests.variant,
        tests.control_variant,
        tests.segment,
        tests.segment_group,
        tests.metric,
        tests.metric_kind,
        tests.evidence,
        tests.randomization_unit,
        tests.quality,
        cast(tests.n as bigint) as n,
        cast(tests.baseline_n as bigint) as baseline_n,
        cast(tests.users as bigint) as users,
        {%- for column in [
            'accounts', 'baseline_accounts', 'unobserved_users', 'total', 'baseline_total', 'mean', 'standard_deviation',
            'standard_error', 'baseline_mean', 'baseline_standard_deviation', 'baseline_standard_error', 'pooled_variance',
            'design_effect', 'effective_users_per_user', 'difference', 'squared_error_of_difference', 'user_squared_error',
            'standard_error_of_difference', 'half_width', 'p_value', 'cuped_difference', 'cuped_standard_error',
            'cuped_half_width', 'cuped_p_value', 'always_valid_half_width', 'always_valid_p_value', 'interaction',
            'interaction_half_width', 'interaction_p_value',
        ] %}
        tests.{{ column }},
        {%- endfor %}
        data_through.data_through
    from tests
    cross join data_through
)

select * from experiment_tests
