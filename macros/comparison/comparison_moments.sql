{#
    CTEs of what is compared, the last of them `moments`: one row per segment, baseline, metric and date with users, means, spreads and
    what the test needs of both sides, and with how many accounts stand behind them and by how much users overstate that.

    Arguments: none; group_moments, change_moments, did_moments and design_effects are in scope.
    Call:      {{ comparison_moments() }},
#}
{% macro comparison_moments() -%}
{#- What the three kinds of moments say, in this order; what one of them has not is NULL, or another of its columns. #}
{%- set measured = [
    'n', 'baseline_n', 'mean', 'baseline_mean', 'raw_mean', 'baseline_raw_mean', 'standard_deviation',
    'baseline_standard_deviation', 'spread', 'test_mean', 'test_baseline_mean', 'test_variance', 'test_n', 'test_baseline_n',
    'skew', 'smallest_cell', 'cliffs_delta', 'standardized_difference', 'standardized_error', 'comparable_share',
] %}
{%- set none_of_changes = {
    'standardized_difference': 'cast(null as double) as standardized_difference',
    'standardized_error': 'cast(null as double) as standardized_error',
    'comparable_share': 'cast(null as double) as comparable_share',
} %}
{%- set of_changes = dict(
    none_of_changes, baseline_n='n as baseline_n', test_baseline_mean='0e0 as test_baseline_mean',
    test_baseline_n='test_n as test_baseline_n'
) %}
{%- set of_differences = dict(
    none_of_changes, raw_mean='cast(null as double) as raw_mean', baseline_raw_mean='cast(null as double) as baseline_raw_mean',
    test_variance='spread * spread as test_variance', test_n='n as test_n', test_baseline_n='baseline_n as test_baseline_n'
) %}
moments_by_user as (
    select
        segment,
        baseline,
        other_segment,
        metric,
        {%- for name in measured %}
        {{ name }},
        {%- endfor %}
        -- Equal means may differ in the last digits.
        case when abs(mean - baseline_mean) <= 1e-12 * abs(baseline_mean) then 0e0 else mean - baseline_mean end
            as difference,
        cast(null as double) as composition_effect,
        is_overlapping,
        as_of_date
    from group_moments
    union all
    select
        segment,
        'previous_period' as baseline,
        cast(null as {{ dbt.type_string() }}) as other_segment,
        metric,
        {%- for name in measured %}
        {{ of_changes[name] or name }},
        {%- endfor %}
        difference,
        composition_effect,
        false as is_overlapping,
        as_of_date
    from change_moments
    where previous_as_of_date is not null
    union all
    select
        segment,
        'difference_in_differences' as baseline,
        cast(null as {{ dbt.type_string() }}) as other_segment,
        metric,
        {%- for name in measured %}
        {{ of_differences[name] or name }},
        {%- endfor %}
        mean - baseline_mean as difference,
        cast(null as double) as composition_effect,
        false as is_overlapping,
        as_of_date
    from did_moments
),

-- Users of one account are alike: errors are those of n over the design effect.
moments as (
    select
        moments_by_user.*,
        (moments_by_user.n * moments_by_user.mean + moments_by_user.baseline_n * moments_by_user.baseline_mean)
        / nullif(moments_by_user.n + moments_by_user.baseline_n, 0e0) as pooled_mean,
        coalesce(design_effects.accounts, 0) as accounts,
        coalesce(design_effects.baseline_accounts, 0) as baseline_accounts,
        coalesce(design_effects.tested_n, moments_by_user.n) as tested_n,
        coalesce(design_effects.tested_baseline_n, moments_by_user.baseline_n) as tested_baseline_n,
        coalesce(design_effects.tested_accounts, design_effects.accounts, 0) as tested_accounts,
        coalesce(design_effects.tested_baseline_accounts, design_effects.baseline_accounts, 0) as tested_baseline_accounts,
        coalesce(design_effects.overlap_factor, 1e0) as overlap_factor,
        case
            when moments_by_user.n = 0 or moments_by_user.baseline = 'all' then cast(null as double)
            -- Where all have the same value, what is left is rounding.
            when coalesce(moments_by_user.test_variance, 0e0) = 0 then 1e0
            else design_effects.design_effect
        end as design_effect
    from moments_by_user
    left join design_effects
        on
            moments_by_user.segment = design_effects.segment
            and moments_by_user.baseline = design_effects.baseline
            and moments_by_user.metric = design_effects.metric
            and moments_by_user.as_of_date = design_effects.as_of_date
)
{%- endmacro %}
