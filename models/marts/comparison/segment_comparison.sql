{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'group_moments', 'change_moments', 'did_moments', 'design_effects'],
    sized_by='group_moments'
) }}
{%- set circular = segmentation.circular_metrics(segmentation.registered_segments(), segmentation.metrics()) %}

-- What the moments of both sides say: judged, tested, corrected for the number of tests, and put in readers' terms.
with
metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

group_moments as (
    select * from {{ ref('group_moments') }}
    where {{ segmentation.in_slice() }}
),

change_moments as (
    select * from {{ ref('change_moments') }}
    where {{ segmentation.in_slice() }}
),

did_moments as (
    select * from {{ ref('did_moments') }}
    where {{ segmentation.in_slice() }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice() }}
),

design_effects as (
    select * from {{ ref('design_effects') }}
    where {{ segmentation.in_slice() }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

newest_period as (
    select max(as_of_date) as decision_date
    from {{ ref('as_of_dates') }}
    where is_period_end
),

{{ segmentation.comparison_moments() }},

-- The segment as a part of everybody, whatever it is compared with.
parts as (
    select
        segment,
        metric,
        n / nullif(baseline_n, 0) as share_of_users,
        coalesce(n * raw_mean, 0e0) as total,
        baseline_n * baseline_raw_mean as population_total,
        as_of_date
    from group_moments
    where baseline = 'all'
),

compared as (
    select
        moments.*,
        metric_rulers.kind,
        metric_rulers.tier,
        cast(moments.n as bigint) as users,
        cast(moments.baseline_n as bigint) as baseline_users,
        parts.share_of_users,
        case when metric_rulers.adds_up then parts.total end as part_of_total,
        case when metric_rulers.adds_up then parts.population_total end as population_total,
        metric_rulers.raw_size as population_size,
        -- A ratio to nothing, or to less than nothing, says nothing; nor does that of two scores without a natural
        -- zero, or of two changes.
        case
            when
                moments.baseline_mean > 0 and metric_rulers.kind not in ('nps', 'ordinal')
                and moments.baseline != 'difference_in_differences'
                then moments.difference / moments.baseline_mean
        end as lift,
        -- Users of both sides of a pair take as much from the error as colleagues add to it.
        nullif(coalesce(moments.design_effect, 1e0) * moments.overlap_factor, 0e0) as variance_factor,
        -- Squared relative error of the ratio of two means: of both; or, of the same users on two dates, of the change
        -- and of what the earlier value adds where the change is not in proportion to it.
        case
            when moments.baseline != 'previous_period'
                then
                    moments.standard_deviation * moments.standard_deviation
                    / nullif(moments.n * moments.mean * moments.mean, 0)
                    + moments.baseline_standard_deviation * moments.baseline_standard_deviation
                    / nullif(moments.baseline_n * moments.baseline_mean * moments.baseline_mean, 0)
            else
                (
                    moments.spread * moments.spread
                    - moments.difference / nullif(moments.baseline_mean, 0) * (
                        moments.standard_deviation * moments.standard_deviation
                        - moments.baseline_standard_deviation * moments.baseline_standard_deviation
                        - moments.spread * moments.spread
                    )
                    + moments.difference * moments.difference / nullif(moments.baseline_mean * moments.baseline_mean, 0)
                    * moments.baseline_standard_deviation * moments.baseline_standard_deviation
                ) / nullif(moments.n * moments.mean * moments.mean, 0)
        end as relative_variance,
        -- The zero that a change within users is compared with is known exactly: no spread, as if of endless users.
        case when moments.baseline = 'previous_period' then moments.spread else moments.standard_deviation end
            as margin_deviation,
        case when moments.baseline = 'previous_period' then 0e0 else moments.baseline_standard_deviation end
            as margin_baseline_deviation,
        case when moments.baseline = 'previous_period' then 1e15 else moments.baseline_n end as margin_baseline_n,
        {{ segmentation.randomization_z(
            'moments.test_mean', 'moments.test_n', 'moments.test_baseline_mean', 'moments.test_baseline_n',
            'moments.test_variance'
        ) }} / sqrt(nullif(coalesce(moments.design_effect, 1e0) * moments.overlap_factor, 0e0)) as statistic,
        -- Of zeros and ones it follows from their share.
        case
            when metric_rulers.kind = 'binary' and moments.baseline != 'difference_in_differences'
                then (1e0 - 2e0 * moments.pooled_mean)
                    / nullif(sqrt(moments.pooled_mean * (1e0 - moments.pooled_mean)), 0e0)
            else moments.skew
        end as test_skew,
        metric_rulers.is_winsorized,
        moments.baseline in ('previous_period', 'difference_in_differences') as is_change,
        {{ segmentation.is_circular('moments.segment', 'moments.metric', circular) }}
        or coalesce({{ segmentation.is_circular('moments.other_segment', 'moments.metric', circular) }}, false)
            as is_circular
    from moments
    inner join metric_rulers
        on
            moments.metric = metric_rulers.metric
            and moments.as_of_date = metric_rulers.as_of_date
    inner join parts
        on
            moments.segment = parts.segment
            and moments.metric = parts.metric
            and moments.as_of_date = parts.as_of_date
),

-- Small segments of skewed values: the tails are Pearson's type III. Random signs have none.
skewed as (
    select
        *,
        case
            when baseline = 'previous_period' then 0e0
            else coalesce({{ segmentation.randomization_skew(
                'test_skew', 'tested_n / coalesce(design_effect, 1e0)', 'tested_baseline_n / coalesce(design_effect, 1e0)'
            ) }}, 0e0)
        end as sampling_skew,
        smallest_cell * least(tested_n, tested_baseline_n) / nullif(least(n, baseline_n), 0e0) as smallest_tested_cell,
        n / variance_factor as effective_n,
        baseline_n / variance_factor as effective_baseline_n,
        mean * n / variance_factor as effective_total,
        baseline_mean * baseline_n / variance_factor as effective_baseline_total
    from compared
),

scored as (
    select
        *,
        {{ segmentation.skewed_score('abs(statistic)', 'sampling_skew') }} as upper_score,
        {{ segmentation.skewed_score('-abs(statistic)', 'sampling_skew') }} as lower_score
    from skewed
),

judged as (
    select
        *,
        {{ segmentation.comparison_quality(
            'tested_n', 'tested_baseline_n', smallest_count='smallest_tested_cell',
            sampling_skew='sampling_skew', skew_limit=1,
            insufficient='least(tested_accounts, tested_baseline_accounts) < ' ~ segmentation.setting('min_test_accounts'),
            at_least=segmentation.setting('min_test_users'), units=['tested_accounts', 'tested_baseline_accounts']
        ) }} as quality,
        {{ segmentation.mean_difference_margin(
            'margin_deviation', 'n', 'margin_baseline_deviation', 'margin_baseline_n'
        ) }} * sqrt(variance_factor) as margin,
        {{ segmentation._double(segmentation._confidence_z()) }} * standardized_error * sqrt(variance_factor)
            as standardized_margin,
        case
            when
                test_variance > 0
                and relative_variance > 1e-12 * spread * spread / nullif(n * mean * mean, 0)
                then mean * sqrt(relative_variance * variance_factor)
        end as lift_error,
        {{ segmentation.two_tails_p('upper_score', 'lower_score') }} as tail_probability
    from scored
),

-- The segment as a part of all, or too few: numbers to look at, and no test.
tested as (
    select
        *,
        baseline != 'all' and quality != 'insufficient' and difference is not null as is_tested,
        case when baseline != 'all' and quality != 'insufficient' and difference is not null then tail_probability end
            as p_value
    from judged
),

corrected as (
    {{ segmentation.corrected_families(
        'tested', "baseline || '/' || tier || '/' || cast(as_of_date as " ~ dbt.type_string() ~ ")", 'not is_circular',
        family_wise_when="tier = 'guardrail'"
    ) }}
),

final as (
    select
        segment,
        baseline,
        metric,
        case
            when kind = 'ordinal' then 'cliffs_delta'
            when kind = 'binary' and baseline != 'difference_in_differences' then 'cohens_h'
            else 'hedges_g'
        end as effect_size_kind,
        quality,
        family,
        users as n,
        baseline_users as baseline_n,
        accounts,
        baseline_accounts,
        share_of_users,
        {{ segmentation.share_of('part_of_total', 'population_total', 'population_size') }} as share_of_total,
        mean,
        raw_mean,
        standard_deviation,
        baseline_mean,
        baseline_raw_mean,
        baseline_standard_deviation,
        difference,
        case
            when baseline = 'all' then cast(null as double)
            when kind = 'binary' and not is_change and overlap_factor = 1
                then {{ segmentation.newcombe_bound(
                    'effective_total', 'effective_n', 'effective_baseline_total', 'effective_baseline_n', 'lower'
                ) }}
            else difference - margin
        end as difference_lower,
        case
            when baseline = 'all' then cast(null as double)
            when kind = 'binary' and not is_change and overlap_factor = 1
                then {{ segmentation.newcombe_bound(
                    'effective_total', 'effective_n', 'effective_baseline_total', 'effective_baseline_n', 'upper'
                ) }}
            else difference + margin
        end as difference_upper,
        lift,
        case
            when lift is not null and baseline != 'all'
                then {{ segmentation.log_lift_bound('mean', 'lift_error', 'baseline_mean', '0e0', 'lower') }}
        end as lift_lower,
        case
            when lift is not null and baseline != 'all'
                then {{ segmentation.log_lift_bound('mean', 'lift_error', 'baseline_mean', '0e0', 'upper') }}
        end as lift_upper,
        case when is_tested then statistic end as statistic,
        p_value,
        q_value,
        case
            when kind = 'ordinal' then cliffs_delta
            when kind = 'binary' and baseline != 'difference_in_differences'
                then {{ segmentation.cohens_h('mean', 'baseline_mean') }}
            else {{ segmentation.hedges_g(
                'mean', 'standard_deviation', 'n', 'baseline_mean', 'baseline_standard_deviation', 'baseline_n'
            ) }}
        end as effect_size,
        case
            when is_tested then {{ segmentation.smallest_detectable_difference(
                'spread', 'test_n / variance_factor', 'test_baseline_n / variance_factor'
            ) }}
        end as smallest_detectable_difference,
        design_effect,
        standardized_difference,
        standardized_difference - standardized_margin as standardized_difference_lower,
        standardized_difference + standardized_margin as standardized_difference_upper,
        comparable_share,
        composition_effect,
        is_winsorized,
        is_overlapping,
        is_circular,
        coalesce(
            difference * standardized_difference < 0
            and abs(difference) > 1e-9 * spread
            and abs(standardized_difference) > 1e-9 * spread,
            false
        ) as is_reversed,
        as_of_date
    from corrected
),

-- A date that ends no period is compared with one less than a period before.
stamped as (
    select
        final.*,
        not as_of_dates.is_period_end as is_provisional,
        coalesce(final.as_of_date = newest_period.decision_date, false) as is_decision_date,
        data_through.data_through
    from final
    inner join as_of_dates on final.as_of_date = as_of_dates.as_of_date
    cross join newest_period
    cross join data_through
)

select * from stamped
