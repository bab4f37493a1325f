{%- set metrics = segmentation.experiment_metrics() %}
{%- set min_users = segmentation.setting('experiment_min_users') %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) %}
{%- set chosen = [] %}
{%- for experiment, outcomes in segmentation.setting('experiment_metrics').items() %}
{%- for metric, choice in outcomes.items() %}
{%- do chosen.append([experiment, metric, choice]) %}
{%- endfor %}
{%- endfor -%}

-- What each comparison says by itself stands in experiment_tests; here is what they say together.
with
experiment_tests as (
    select * from {{ ref('experiment_tests') }}
),

experiment_checks as (
    select * from {{ ref('experiment_checks') }}
),

metric_roles as (
    {%- for metric in metrics %}
    select
        {{ segmentation.text_literal(metric.name) }} as metric,
        {{ segmentation.text_literal(metric.role) }} as role,
        {{ segmentation.text_literal(metric.direction) }} as direction,
        cast({{ metric.get('margin', 'null') }} as double) as margin
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- What the variable experiment_metrics says of one experiment.
chosen_roles as (
    {%- for experiment, metric, choice in chosen %}
    select
        {{ segmentation.text_literal(experiment) }} as experiment,
        {{ segmentation.text_literal(metric) }} as metric,
        cast({{ segmentation.text_literal(choice.role) if 'role' in choice else 'null' }} as {{ dbt.type_string() }}) as role,
        cast({{ choice.get('margin', 'null') }} as double) as margin
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        experiment,
        metric,
        cast(null as {{ dbt.type_string() }}) as role,
        cast(null as double) as margin
    from experiment_tests
    where false
    {%- endfor %}
),

tests_by_role as (
    select
        experiment_tests.*,
        coalesce(chosen_roles.role, metric_roles.role) as role,
        metric_roles.direction,
        case
            when coalesce(chosen_roles.role, metric_roles.role) = 'guardrail'
                then coalesce(chosen_roles.margin, metric_roles.margin)
        end as margin
    from experiment_tests
    inner join metric_roles on experiment_tests.metric = metric_roles.metric
    left join chosen_roles
        on
            experiment_tests.experiment = chosen_roles.experiment
            and experiment_tests.metric = chosen_roles.metric
),

with_q_values as (
    {{ segmentation.corrected_families(
        'tests_by_role', "case when segment = '__all__' then 'overall/' else 'segments/' end || role", by=['experiment'],
        family_wise_when="role = 'guardrail'"
    ) }}
),

interactions as (
    select
        *,
        case
            when segment != '__all__' and {{ segmentation.counts_in_family() }} then interaction_p_value
        end as family_interaction_p_value
    from with_q_values
),

with_interaction_q_values as (
    {{ segmentation.benjamini_hochberg(
        'interactions', 'family_interaction_p_value', ['experiment', 'role'], 'interaction_q_value'
    ) }}
),

-- Where few converted, a spread follows from the share itself: weighing by it would pull towards the smallest shares.
weighable_segments as (
    select
        experiment,
        variant,
        metric,
        segment,
        segment_group,
        difference,
        standard_error_of_difference
    from experiment_tests
    where
        segment != '__all__'
        and quality not in ('insufficient', 'low_counts')
        and least(n, baseline_n) >= {{ min_users }}
),

combined as (
    {{ segmentation.combined_effects(
        'weighable_segments', 'difference', 'standard_error_of_difference', ['experiment', 'variant', 'metric', 'segment_group']
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
    where segment_group = 'lifecycle'
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
        * sqrt(
            sum(cast(parts.users as double) * parts.users * parts.user_squared_error) * max(whole.design_effect)
        ) / sum(parts.users)
            as half_width
    from experiment_tests as parts
    inner join experiment_tests as whole
        on
            parts.experiment = whole.experiment
            and parts.variant = whole.variant
            and parts.metric = whole.metric
            and whole.segment = '__all__'
    where
        parts.segment_group = 'lifecycle'
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
        compared.role,
        compared.direction,
        compared.evidence,
        compared.randomization_unit,
        experiment_checks.interference,
        compared.quality,
        compared.family,
        case when compared.metric_kind = 'binary' then 'cohens_h' else 'hedges_g' end as effect_size_kind,
        compared.n,
        compared.baseline_n,
        compared.accounts,
        compared.baseline_accounts,
        experiment_checks.dropped_users,
        compared.unobserved_users,
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
                        'compared.total * compared.effective_users_per_user',
                        'compared.n * compared.effective_users_per_user',
                        'compared.baseline_total * compared.effective_users_per_user',
                        'compared.baseline_n * compared.effective_users_per_user', side
                    ) }}
            else compared.difference {{ sign }} compared.half_width
        end as difference_{{ side }},
        {%- endfor %}
        compared.p_value,
        compared.q_value,
        case
            when compared.baseline_mean > 0 then (compared.mean - compared.baseline_mean) / compared.baseline_mean
        end as lift,
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
                        'sqrt(compared.pooled_variance * compared.design_effect)', 'compared.n', 'compared.baseline_n'
                    ) }}
        end as smallest_detectable_difference,
        compared.design_effect,
        compared.margin,
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
        compared.data_through as as_of_date,
        compared.data_through
    from with_interaction_q_values as compared
    inner join experiment_checks
        on
            compared.experiment = experiment_checks.experiment
            and compared.segment = experiment_checks.segment
    left join combined
        on
            compared.experiment = combined.experiment
            and compared.variant = combined.variant
            and compared.metric = combined.metric
            and compared.segment_group = combined.segment_group
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
),

-- Not worse by more than the margin, as far as the bound on the worse side says; where it may not be tested, not shown.
judged as (
    select
        *,
        case
            when role != 'guardrail' then cast(null as {{ dbt.type_string() }})
            when
                {{ segmentation.counts_in_family() }}
                and p_value is not null
                and case when direction = 'up' then lift_lower > -margin else lift_upper < margin end
                then 'non_inferior'
            else 'not_shown'
        end as non_inferiority
    from results
)

select * from judged
