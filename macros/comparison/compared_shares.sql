{#
    CTEs from `counts` to `p_values`: every row of counts with the share of members who did something beside that of everybody else,
    and how far both can be believed: mean, baseline_mean, design_effect, quality, p_value, and difference, lift (with their bounds),
    effect_size and smallest_detectable_difference.

    `counts` has, of members, of the rest and of all: n, baseline_n, population_n, successes, baseline_successes,
    population_successes (bigint), accounts, baseline_accounts; and sums over accounts of products of members (m), all users (a),
    members who did it (s) and all who did (d): squares (Σ m²), products (Σ m a), population_squares (Σ a²), success_squares (Σ s²),
    success_products (Σ s m), success_by_users (Σ s a), success_by_all (Σ s d), all_success_by_members (Σ d m), all_success_squares
    (Σ d²), all_success_by_users (Σ d a).

    Call:      {{ compared_shares() }},
    Source:    see design_effect(), randomization_z() and two_tails_p().
#}
{% macro compared_shares() -%}
shares as (
    select
        *,
        successes / cast(nullif(n, 0) as double) as mean,
        baseline_successes / cast(nullif(baseline_n, 0) as double) as baseline_mean,
        population_successes / cast(nullif(population_n, 0) as double) as population_mean
    from counts
),

spreads as (
    select
        *,
        sqrt(mean * (1e0 - mean) / nullif(n, 0)) as standard_error,
        sqrt(baseline_mean * (1e0 - baseline_mean) / nullif(baseline_n, 0)) as baseline_standard_error,
        -- The fewest users that are expected in a cell of the table member × did it.
        least(n, baseline_n) * least(population_mean, 1e0 - population_mean) as smallest_expected_count,
        population_mean * (1e0 - population_mean) * population_n / nullif(population_n - 1, 0) as population_variance,
        -- Of e: 1 − the share of all for who did it, and − the share for others.
        successes * (1e0 - population_mean) * (1e0 - population_mean)
        + (n - successes) * population_mean * population_mean as residual_squares,
        population_n * population_mean * (1e0 - population_mean) as all_residual_squares,
        squares - 2e0 * n / nullif(population_n, 0) * products
        + 1e0 * n / nullif(population_n, 0) * n / nullif(population_n, 0) * population_squares as member_squares,
        success_squares - 2e0 * population_mean * success_products
        + population_mean * population_mean * squares as account_squares,
        success_by_all - population_mean * (success_by_users + all_success_by_members)
        + population_mean * population_mean * products as account_products,
        all_success_squares - 2e0 * population_mean * all_success_by_users
        + population_mean * population_mean * population_squares as all_account_squares
    from shares
),

witnessed as (
    select
        *,
        greatest(
            {{ segmentation.design_effect(
                'cast(n as double)', 'population_n', 'residual_squares', 'all_residual_squares', 'account_squares',
                'account_products', 'all_account_squares'
            ) }},
            case when n > 0 then {{ segmentation.dealt_design_effect(
                'n', 'population_n', 'member_squares', 'population_squares',
                'all_account_squares / nullif(all_residual_squares, 0e0)'
            ) }} end
        ) as design_effect
    from spreads
),

tests as (
    select
        *,
        sqrt(population_variance) as population_standard_deviation,
        successes / design_effect as effective_successes,
        n / design_effect as effective_n,
        baseline_successes / design_effect as effective_baseline_successes,
        baseline_n / design_effect as effective_baseline_n,
        standard_error * sqrt(design_effect) as account_error,
        baseline_standard_error * sqrt(design_effect) as baseline_account_error,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'population_variance') }}
        / sqrt(design_effect) as z,
        -- Of few who did it the tails are Pearson's type III.
        {{ segmentation.randomization_skew(
            '(1e0 - 2e0 * population_mean) / nullif(sqrt(population_mean * (1e0 - population_mean)), 0e0)',
            'n / design_effect', 'baseline_n / design_effect'
        ) }} as sampling_skew,
        {{ segmentation.comparison_quality(
            'n', 'baseline_n', smallest_count='smallest_expected_count',
            insufficient='least(accounts, baseline_accounts) < ' ~ segmentation.setting('min_test_accounts'),
            at_least=segmentation.setting('min_test_users'), units=['accounts', 'baseline_accounts']
        ) }} as quality
    from witnessed
),

scores as (
    select
        *,
        {{ segmentation.skewed_score('abs(z)', 'sampling_skew') }} as upper_score,
        {{ segmentation.skewed_score('-abs(z)', 'sampling_skew') }} as lower_score
    from tests
),

p_values as (
    select
        *,
        mean - baseline_mean as difference,
        {%- for side in ['lower', 'upper'] %}
        {{ segmentation.newcombe_bound(
            'effective_successes', 'effective_n', 'effective_baseline_successes', 'effective_baseline_n', side
        ) }} as difference_{{ side }},
        {{ segmentation.log_lift_bound(
            'mean', 'account_error', 'baseline_mean', 'baseline_account_error', side
        ) }} as lift_{{ side }},
        {%- endfor %}
        case when baseline_mean > 0 then (mean - baseline_mean) / baseline_mean end as lift,
        case when quality != 'insufficient' then {{ segmentation.two_tails_p('upper_score', 'lower_score') }} end
            as p_value,
        {{ segmentation.cohens_h('mean', 'baseline_mean') }} as effect_size,
        case when quality != 'insufficient' then {{ segmentation.smallest_detectable_difference(
            'population_standard_deviation', 'effective_n', 'effective_baseline_n'
        ) }} end as smallest_detectable_difference
    from scores
)
{%- endmacro %}
