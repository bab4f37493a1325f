{%- set planned_users = segmentation.setting('experiment_planned_users') %}
{%- set min_users = segmentation.setting('experiment_min_users') %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) -%}

-- Each variant beside the control of its experiment, in every segment and by every metric. Pooled: both arms together.
with
experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

experiment_outcomes as (
    select * from {{ ref('experiment_outcomes') }}
),

experiment_checks as (
    select * from {{ ref('experiment_checks') }}
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
        -- θ says how much of the covariate's difference to take off: nothing where it is the same for everybody, and nothing
        -- where the outcome is, whose covariance is rounding then.
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
            mean_skew="""case
                when metric_kind = 'mean'
                    then third_moment_of_difference * third_moment_of_difference
                        / nullif(power(squared_error_of_difference, 3), 0e0)
            end"""
        ) }} as quality,
        sqrt(squared_error) as standard_error,
        sqrt(baseline_squared_error) as baseline_standard_error,
        difference / nullif(standard_error_of_difference, 0) as t,
        {{ segmentation.randomisation_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }} as z,
        cuped_difference / nullif(cuped_standard_error, 0) as cuped_t,
        difference - rest_difference as interaction,
        (difference - rest_difference) / nullif(interaction_standard_error, 0) as interaction_t
    from errors
),

-- From here on what is not to be claimed is NULL: an estimate without a spread has no interval and no p value.
tests as (
    select
        *,
        case
            when quality = 'insufficient' then cast(null as double)
            when metric_kind = 'binary' then {{ segmentation.normal_two_sided_p('z') }}
            else {{ segmentation.student_t_two_sided_p('t', 'df') }}
        end as p_value,
        {{ segmentation.student_t_quantile(quantile_p, 'df') }} * standard_error_of_difference as half_width,
        case when quality != 'insufficient' then {{ segmentation.student_t_two_sided_p('cuped_t', 'cuped_df') }} end
            as cuped_p_value,
        {{ segmentation.student_t_quantile(quantile_p, 'cuped_df') }} * nullif(cuped_standard_error, 0)
            as cuped_half_width,
        case
            when quality != 'insufficient'
                then {{ segmentation.student_t_two_sided_p('interaction_t', 'interaction_df') }}
        end as interaction_p_value,
        case
            when quality != 'insufficient'
                then
                    {{ segmentation.student_t_quantile(quantile_p, 'interaction_df') }}
                    * nullif(interaction_standard_error, 0)
        end as interaction_half_width,
        {{ segmentation.always_valid_half_width('standard_error_of_difference', 'users', planned_users) }}
            as always_valid_half_width,
        {{ segmentation.always_valid_p_value('t', 'users', planned_users) }} as always_valid_p_value
    from qualities
),

with_q_values as (
    {{ segmentation.corrected_families(
        'tests', "case when segment = '__all__' then 'overall' else 'segments' end",
        "quality not in ('insufficient', 'low_counts')", by=['experiment']
    ) }}
),

interactions as (
    select
        *,
        case
            when segment != '__all__' and quality not in ('insufficient', 'low_counts') then interaction_p_value
        end as family_interaction_p_value
    from with_q_values
),

with_interaction_q_values as (
    {{ segmentation.benjamini_hochberg(
        'interactions', 'family_interaction_p_value', ['experiment'], 'interaction_q_value'
    ) }}
),

-- Where few converted, a spread follows from the share itself: weighing by it would pull towards the smallest shares.
weighable_segments as (
    select
        experiment,
        variant,
        metric,
        segment,
        tier,
        difference,
        standard_error_of_difference
    from with_interaction_q_values
    where
        segment != '__all__'
        and quality not in ('insufficient', 'low_counts')
        and least(n, baseline_n) >= {{ min_users }}
),

combined as (
    {{ segmentation.combined_effects(
        'weighable_segments', 'difference', 'standard_error_of_difference', ['experiment', 'variant', 'metric', 'tier']
    ) }}
),

heterogeneity as (
    select
        experiment,
        variant,
        metric,
        effects,
        q,
        cast(nullif(effects - 1, 0) as bigint) as degrees_of_freedom,
        case when effects > 1 then i_squared end as i_squared,
        case when effects > 1 then tau_squared end as tau_squared
    from combined
    where tier = 'primary'
),

-- Within a part the arms are alike but for chance; weighted by users they make the whole, whatever the arms' shares.
strata as (
    select
        parts.experiment,
        parts.variant,
        parts.metric,
        count(*) as parts,
        sum(case when parts.difference * whole.difference < 0 then 1 else 0 end) as opposite_parts,
        sum(parts.users * parts.difference) / sum(parts.users) as stratified_difference,
        {{ segmentation.normal_quantile(quantile_p) }}
        * sqrt(sum(cast(parts.users as double) * parts.users * parts.squared_error_of_difference)) / sum(parts.users)
            as half_width
    from with_interaction_q_values as parts
    inner join with_interaction_q_values as whole
        on
            parts.experiment = whole.experiment
            and parts.variant = whole.variant
            and parts.metric = whole.metric
            and whole.segment = '__all__'
    where
        parts.tier = 'primary'
        and parts.n > 1
        and parts.baseline_n > 1
    group by parts.experiment, parts.variant, parts.metric
),

results as (
    select
        compared.experiment,
        compared.variant,
        compared.control_variant,
        compared.segment,
        compared.metric,
        compared.metric_kind,
        compared.evidence,
        compared.quality,
        compared.family,
        case when compared.metric_kind = 'binary' then 'cohens_h' else 'hedges_g' end as effect_size_kind,
        cast(compared.n as bigint) as n,
        cast(compared.baseline_n as bigint) as baseline_n,
        experiment_checks.dropped_users,
        cast(compared.unobserved_users as bigint) as unobserved_users,
        compared.mean,
        compared.standard_deviation,
        compared.baseline_mean,
        compared.baseline_standard_deviation,
        compared.difference,
        {%- for side, sign in [('lower', '-'), ('upper', '+')] %}
        case
            when compared.quality = 'insufficient' then cast(null as double)
            when compared.metric_kind = 'binary'
                then
                    {{ segmentation.newcombe_bound(
                        'compared.total', 'compared.n', 'compared.baseline_total', 'compared.baseline_n', side
                    ) }}
            else compared.difference {{ sign }} compared.half_width
        end as difference_{{ side }},
        {%- endfor %}
        compared.p_value,
        compared.q_value,
        case when compared.baseline_mean > 0 then (compared.mean - compared.baseline_mean) / compared.baseline_mean end as lift,
        {%- for side in ['lower', 'upper'] %}
        case
            when compared.quality != 'insufficient' and compared.squared_error_of_difference > 0
                then
                    {{ segmentation.log_lift_bound(
                        'compared.mean', 'compared.standard_error', 'compared.baseline_mean',
                        'compared.baseline_standard_error', side
                    ) }}
        end as lift_{{ side }},
        {%- endfor %}
        case
            when compared.quality = 'insufficient' then cast(null as double)
            when compared.metric_kind = 'binary'
                then {{ segmentation.cohens_h('compared.mean', 'compared.baseline_mean') }}
            else
                {{ segmentation.hedges_g(
                    'compared.mean', 'compared.standard_deviation', 'compared.n',
                    'compared.baseline_mean', 'compared.baseline_standard_deviation', 'compared.baseline_n'
                ) }}
        end as effect_size,
        case
            when compared.quality != 'insufficient'
                then
                    {{ segmentation.smallest_detectable_difference(
                        'sqrt(compared.pooled_variance)', 'compared.n', 'compared.baseline_n'
                    ) }}
        end as smallest_detectable_difference,
        case when compared.quality != 'insufficient' then compared.cuped_difference end as cuped_difference,
        case when compared.quality != 'insufficient' then compared.cuped_difference - compared.cuped_half_width end
            as cuped_difference_lower,
        case when compared.quality != 'insufficient' then compared.cuped_difference + compared.cuped_half_width end
            as cuped_difference_upper,
        compared.cuped_p_value,
        case
            when compared.quality != 'insufficient'
                then
                    1e0 - compared.cuped_standard_error * compared.cuped_standard_error
                    / nullif(compared.squared_error_of_difference, 0)
        end as variance_reduction,
        case when compared.quality != 'insufficient' then compared.difference - compared.always_valid_half_width end
            as always_valid_lower,
        case when compared.quality != 'insufficient' then compared.difference + compared.always_valid_half_width end
            as always_valid_upper,
        case when compared.quality != 'insufficient' then compared.always_valid_p_value end as always_valid_p_value,
        case when compared.interaction_half_width is not null then compared.interaction end as interaction,
        compared.interaction - compared.interaction_half_width as interaction_lower,
        compared.interaction + compared.interaction_half_width as interaction_upper,
        compared.interaction_p_value,
        compared.interaction_q_value,
        case
            when
                compared.segment != '__all__'
                and compared.quality not in ('insufficient', 'low_counts')
                and least(compared.n, compared.baseline_n) >= {{ min_users }}
                and combined.effects > 1
                then
                    (
                        combined.tau_squared * compared.difference
                        + compared.squared_error_of_difference * combined.random_effect
                    ) / (combined.tau_squared + compared.squared_error_of_difference)
        end as shrunken_difference,
        experiment_checks.p_value as sample_ratio_p_value,
        heterogeneity.effects as heterogeneity_segments,
        case when heterogeneity.effects > 1 then heterogeneity.q end as heterogeneity_q,
        {{ segmentation.chi_square_tail('heterogeneity.q', 'heterogeneity.degrees_of_freedom') }}
            as heterogeneity_p_value,
        heterogeneity.i_squared as heterogeneity_i_squared,
        heterogeneity.tau_squared as heterogeneity_tau_squared,
        strata.stratified_difference,
        strata.stratified_difference - nullif(strata.half_width, 0) as stratified_difference_lower,
        strata.stratified_difference + nullif(strata.half_width, 0) as stratified_difference_upper,
        experiment_checks.is_sample_ratio_mismatch,
        -- Every part against the whole; or all parts together, where one of the two is more than noise around 0.
        case
            when strata.parts > 1
                then
                    strata.opposite_parts = strata.parts
                    or (
                        strata.stratified_difference * compared.difference < 0
                        and (
                            abs(strata.stratified_difference) > strata.half_width
                            or coalesce(abs(compared.difference) > compared.half_width, false)
                        )
                    )
        end as is_reversed,
        data_through.data_through as as_of_date,
        data_through.data_through
    from with_interaction_q_values as compared
    cross join data_through
    inner join experiment_checks
        on
            compared.experiment = experiment_checks.experiment
            and compared.segment = experiment_checks.segment
    left join combined
        on
            compared.experiment = combined.experiment
            and compared.variant = combined.variant
            and compared.metric = combined.metric
            and compared.tier = combined.tier
    left join heterogeneity
        on
            compared.experiment = heterogeneity.experiment
            and compared.variant = heterogeneity.variant
            and compared.metric = heterogeneity.metric
            and compared.segment = '__all__'
    left join strata
        on
            compared.experiment = strata.experiment
            and compared.variant = strata.variant
            and compared.metric = strata.metric
            and compared.segment = '__all__'
)

select * from results
