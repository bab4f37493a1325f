{%- set features = segmentation.listed_events() | selectattr('is_feature') | map(attribute='name') | list %}
{%- set circular = {} %}
{%- set by_activity = segmentation.segments_by_activity(segmentation.registered_segments(), by_events=false) %}
{%- for feature in features %}
{%- set mentioning = by_activity + [] %}
{%- for segment in segmentation.registered_segments()
    if segment not in by_activity and segmentation.segment_mentions(segment, modules.re.escape(feature)) %}
{%- do mentioning.append(segment) %}
{%- endfor %}
{%- do circular.update({feature: mentioning}) %}
{%- endfor %}

-- From feature_adoption_counts. Users of one account are alike: sums over accounts tell by how much their number overstates
-- what is known.
with
data_through as (
    select * from {{ ref('data_through') }}
),

counts as (
    select * from {{ ref('feature_adoption_counts') }}
),

shares as (
    select
        *,
        adopters_28d / cast(nullif(n, 0) as double) as mean,
        baseline_adopters_28d / cast(nullif(baseline_n, 0) as double) as baseline_mean,
        adopters_ever / cast(nullif(n, 0) as double) as share_ever,
        baseline_adopters_ever / cast(nullif(baseline_n, 0) as double) as baseline_share_ever,
        population_adopters_28d / cast(nullif(population_n, 0) as double) as population_mean,
        case
            {%- for feature, mentioning in circular.items() %}
            when feature = {{ segmentation.text_literal(feature) }}
                then segment in ({{ segmentation.text_literals(mentioning or ['']) }})
            {%- else %}
            when false then true
            {%- endfor %}
            else false
        end as is_circular
    from counts
),

spreads as (
    select
        *,
        sqrt(mean * (1e0 - mean) / nullif(n, 0)) as standard_error,
        sqrt(baseline_mean * (1e0 - baseline_mean) / nullif(baseline_n, 0)) as baseline_standard_error,
        -- The fewest users that are expected in a cell of the table member × user of the feature.
        least(n, baseline_n) * least(population_mean, 1e0 - population_mean) as smallest_expected_count,
        population_mean * (1e0 - population_mean) * population_n / nullif(population_n - 1, 0) as population_variance,
        -- Of e: 1 − the share of all for who uses the feature, and − the share for others.
        adopters_28d * (1e0 - population_mean) * (1e0 - population_mean)
        + (n - adopters_28d) * population_mean * population_mean as squares,
        population_n * population_mean * (1e0 - population_mean) as all_squares,
        adopter_squares - 2e0 * population_mean * adopters_by_members
        + population_mean * population_mean * segment_squares as account_squares,
        adopters_by_all - population_mean * (adopters_by_users + all_adopters_by_members)
        + population_mean * population_mean * segment_products as account_products,
        all_adopter_squares - 2e0 * population_mean * all_adopters_by_users
        + population_mean * population_mean * population_squares as all_account_squares
    from shares
),

witnessed as (
    select
        *,
        {{ segmentation.design_effect(
            'cast(n as double)', 'population_n', 'squares', 'all_squares', 'account_squares', 'account_products',
            'all_account_squares'
        ) }} as design_effect
    from spreads
),

tests as (
    select
        *,
        sqrt(population_variance) as population_standard_deviation,
        adopters_28d / design_effect as effective_adopters,
        n / design_effect as effective_n,
        baseline_adopters_28d / design_effect as effective_baseline_adopters,
        baseline_n / design_effect as effective_baseline_n,
        standard_error * sqrt(design_effect) as account_error,
        baseline_standard_error * sqrt(design_effect) as baseline_account_error,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'population_variance') }}
        / sqrt(design_effect) as z,
        -- Of a few adopters the tails are Pearson's type III.
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
        case when quality != 'insufficient' then {{ segmentation.two_tails_p('upper_score', 'lower_score') }} end
            as p_value
    from scores
),

-- Only what could have come out either way is a test.
corrected as (
    {{ segmentation.corrected_families(
        'p_values', "'segment_feature_adoption'", 'not is_circular'
    ) }}
),

adoption as (
    select
        corrected.segment,
        corrected.feature,
        'rest' as baseline,
        corrected.family,
        'cohens_h' as effect_size_kind,
        corrected.quality,
        corrected.n,
        corrected.baseline_n,
        corrected.accounts,
        corrected.baseline_accounts,
        corrected.adopters_28d,
        corrected.baseline_adopters_28d,
        corrected.adopters_ever,
        corrected.baseline_adopters_ever,
        corrected.mean,
        corrected.baseline_mean,
        corrected.mean - corrected.baseline_mean as difference,
        {{ segmentation.newcombe_bound(
            'effective_adopters', 'effective_n', 'effective_baseline_adopters', 'effective_baseline_n', 'lower'
        ) }}
            as difference_lower,
        {{ segmentation.newcombe_bound(
            'effective_adopters', 'effective_n', 'effective_baseline_adopters', 'effective_baseline_n', 'upper'
        ) }}
            as difference_upper,
        case when corrected.baseline_mean > 0 then (corrected.mean - corrected.baseline_mean) / corrected.baseline_mean end as lift,
        {{ segmentation.log_lift_bound(
            'mean', 'account_error', 'baseline_mean', 'baseline_account_error', 'lower'
        ) }} as lift_lower,
        {{ segmentation.log_lift_bound(
            'mean', 'account_error', 'baseline_mean', 'baseline_account_error', 'upper'
        ) }} as lift_upper,
        corrected.p_value,
        corrected.q_value,
        {{ segmentation.cohens_h('mean', 'baseline_mean') }} as effect_size,
        case
            when corrected.quality != 'insufficient'
                then {{ segmentation.smallest_detectable_difference(
                    'population_standard_deviation', 'effective_n', 'effective_baseline_n'
                ) }}
        end as smallest_detectable_difference,
        corrected.design_effect,
        corrected.share_ever,
        corrected.baseline_share_ever,
        corrected.median_days_to_first_use,
        corrected.is_circular,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from adoption
