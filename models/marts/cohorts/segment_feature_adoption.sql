{%- set features = segmentation.listed_events() | selectattr('is_feature') | map(attribute='name') | list %}
{%- set circular = {} %}
{%- for feature in features %}
{%- set pattern = segmentation.activity_pattern() ~ '|' ~ modules.re.escape(feature) %}
{%- set mentioning = [] %}
{%- for segment in segmentation.registered_segments() if segmentation.segment_mentions(segment, pattern) %}
{%- do mentioning.append(segment) %}
{%- endfor %}
{%- do circular.update({feature: mentioning}) %}
{%- endfor %}

-- The rest is the population less the segment. First and last use of each feature come out of one pass over the rollup.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
),

user_event_days as (
    select * from {{ ref('user_event_days') }}
    where event_name in ({{ segmentation.text_literals(features) }})
),

features as (
    {%- for feature in features %}
    select {{ segmentation.text_literal(feature) }} as feature
    union all
    {%- endfor %}
    -- No row, but a column, also where no event is a feature.
    select cast(null as {{ dbt.type_string() }}) as feature
    where false
),

population as (
    select
        user_dates.user_id,
        user_dates.signup_date,
        user_dates.as_of_date
    from {{ ref('user_dates') }} as user_dates
    where {{ segmentation.at_newest_date() }}
),

members as (
    select
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    where {{ segmentation.at_newest_date() }}
),

uses as (
    select
        population.user_id,
        user_event_days.event_name as feature,
        max(
            case
                when {{ segmentation.in_window('user_event_days.event_date', 'population.as_of_date', 28) }} then 1
                else 0
            end
        ) as has_used_28d,
        -- Use before the signup, by a visitor who was linked later, is use on the first day.
        greatest(
            {{ segmentation.days_between('min(population.signup_date)', 'min(user_event_days.event_date)') }}, 0
        ) as days_to_first_use
    from user_event_days
    inner join population on user_event_days.user_id = population.user_id
    where user_event_days.known_date <= population.as_of_date
    group by population.user_id, user_event_days.event_name
),

segment_counts as (
    select
        members.segment,
        uses.feature,
        cast(sum(uses.has_used_28d) as bigint) as adopters_28d,
        cast(count(*) as bigint) as adopters_ever,
        cast(percentile_cont(5e-1) within group (order by uses.days_to_first_use) as double) as median_days_to_first_use
    from members
    inner join uses on members.user_id = uses.user_id
    group by members.segment, uses.feature
),

population_counts as (
    select
        feature,
        cast(sum(has_used_28d) as bigint) as adopters_28d,
        cast(count(*) as bigint) as adopters_ever
    from uses
    group by feature
),

segment_sizes as (
    select
        segment,
        cast(count(*) as bigint) as n
    from members
    group by segment
),

population_size as (
    select cast(count(*) as bigint) as n from population
),

-- One row per segment and feature, also where nobody is in the one or uses the other.
counts as (
    select
        segments.segment,
        features.feature,
        coalesce(segment_sizes.n, 0) as n,
        population_size.n - coalesce(segment_sizes.n, 0) as baseline_n,
        population_size.n as population_n,
        coalesce(segment_counts.adopters_28d, 0) as adopters_28d,
        coalesce(population_counts.adopters_28d, 0) - coalesce(segment_counts.adopters_28d, 0) as baseline_adopters_28d,
        coalesce(population_counts.adopters_28d, 0) as population_adopters_28d,
        coalesce(segment_counts.adopters_ever, 0) as adopters_ever,
        coalesce(population_counts.adopters_ever, 0) - coalesce(segment_counts.adopters_ever, 0)
            as baseline_adopters_ever,
        segment_counts.median_days_to_first_use
    from segments
    cross join features
    cross join population_size
    left join segment_sizes on segments.segment = segment_sizes.segment
    left join population_counts on features.feature = population_counts.feature
    left join segment_counts
        on
            segments.segment = segment_counts.segment
            and features.feature = segment_counts.feature
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
            {%- for feature, mentioning in circular.items() if mentioning %}
            when feature = {{ segmentation.text_literal(feature) }}
                then segment in ({{ segmentation.text_literals(mentioning) }})
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
        population_mean * (1e0 - population_mean) * population_n / nullif(population_n - 1, 0) as population_variance
    from shares
),

tests as (
    select
        *,
        sqrt(population_variance) as population_standard_deviation,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'population_variance') }} as z,
        {{ segmentation.comparison_quality('n', 'baseline_n', smallest_count='smallest_expected_count') }} as quality
    from spreads
),

p_values as (
    select
        *,
        {{ segmentation.normal_two_sided_p('z') }} as p_value
    from tests
),

-- Only what could have come out either way is a test.
corrected as (
    {{ segmentation.corrected_families(
        'p_values', "'segment_feature_adoption'", "not is_circular and quality in ('small_n', 'ok')"
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
        corrected.adopters_28d,
        corrected.baseline_adopters_28d,
        corrected.adopters_ever,
        corrected.baseline_adopters_ever,
        corrected.mean,
        corrected.baseline_mean,
        corrected.mean - corrected.baseline_mean as difference,
        {{ segmentation.newcombe_bound('adopters_28d', 'n', 'baseline_adopters_28d', 'baseline_n', 'lower') }}
            as difference_lower,
        {{ segmentation.newcombe_bound('adopters_28d', 'n', 'baseline_adopters_28d', 'baseline_n', 'upper') }}
            as difference_upper,
        case when corrected.baseline_mean > 0 then (corrected.mean - corrected.baseline_mean) / corrected.baseline_mean end as lift,
        {{ segmentation.log_lift_bound(
            'mean', 'standard_error', 'baseline_mean', 'baseline_standard_error', 'lower'
        ) }} as lift_lower,
        {{ segmentation.log_lift_bound(
            'mean', 'standard_error', 'baseline_mean', 'baseline_standard_error', 'upper'
        ) }} as lift_upper,
        corrected.p_value,
        corrected.q_value,
        {{ segmentation.cohens_h('mean', 'baseline_mean') }} as effect_size,
        {{ segmentation.smallest_detectable_difference('population_standard_deviation', 'n', 'baseline_n') }}
            as smallest_detectable_difference,
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
