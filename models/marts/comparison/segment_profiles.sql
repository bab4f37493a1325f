{%- set attributes = segmentation.profile_attributes() %}
{%- set circular = segmentation.circular_attributes(segmentation.registered_segments(), attributes) %}

-- The rest is the population less the segment. Users of one account are no independent witnesses: chi-square is divided
-- by a design effect, computed from sums per account.
with
profile_counts as (
    select * from {{ ref('profile_counts') }}
),

attributes as (
    {%- for attribute in attributes %}
    select
        {{ segmentation.text_literal(attribute.name) }} as attribute,
        {{ segmentation.text_literal(attribute.label) }} as attribute_label,
        {{ segmentation.text_literal(attribute.type) }} as attribute_type,
        {%- set names = [] %}
        {%- for segment, circular_names in circular.items() if attribute.name in circular_names %}
        {%- do names.append(segment) %}
        {%- endfor %}
        ',{{ names | join(',') }},' as circular_segments
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counted as (
    select
        *,
        n + baseline_n as population,
        users + baseline_users as population_users,
        n / nullif(n + baseline_n, 0e0) as member_share
    from profile_counts
),

shares as (
    select
        *,
        population_users / population as value_share,
        population_users * member_share as expected_users
    from counted
),

-- The variance of Σ (has the value − its share)(is a member − share) by accounts, and as if each user were an account.
spread as (
    select
        *,
        squares - 2e0 * value_share * products + value_share * value_share * segment_squares as cluster_variance,
        (1e0 - value_share) * (1e0 - value_share)
        * (users * (1e0 - member_share) * (1e0 - member_share) + baseline_users * member_share * member_share)
        + value_share * value_share
        * (
            (n - users) * (1e0 - member_share) * (1e0 - member_share)
            + (baseline_n - baseline_users) * member_share * member_share
        ) as user_variance
    from shares
),

value_effects as (
    select
        *,
        greatest(1e0, coalesce(cluster_variance / nullif(user_variance, 0e0), 1e0)) as value_design_effect
    from spread
),

-- (observed − expected)² / expected over both groups: in the rest the same difference stands over its own expectation.
attribute_sums as (
    select
        segment,
        attribute,
        n,
        baseline_n,
        population,
        clusters,
        baseline_clusters,
        cast(count(*) - 1 as bigint) as degrees_of_freedom,
        sum(
            (users - expected_users) * (users - expected_users)
            * (1e0 / nullif(expected_users, 0e0) + 1e0 / nullif(population_users - expected_users, 0e0))
        ) as pearson_chi_square,
        greatest(1e0, coalesce(
            sum(cluster_variance / value_share) / nullif(sum(user_variance / value_share), 0e0), 1e0
        )) as own_effect,
        max(segment_squares) as segment_squares,
        max(population_squares) as population_squares,
        max(account_trace) as account_trace,
        max(account_trace_of_square) as account_trace_of_square,
        min(least(expected_users, population_users - expected_users)) as smallest_expected_users,
        avg(case when least(expected_users, population_users - expected_users) < 5 then 1e0 else 0e0 end)
            as share_of_small_cells
    from value_effects
    group by segment, attribute, n, baseline_n, population, clusters, baseline_clusters
),

attribute_tests as (
    select
        attribute_sums.segment,
        attribute_sums.attribute,
        attributes.attribute_label,
        attributes.attribute_type,
        {{ segmentation.comparison_quality(
            'attribute_sums.n', 'attribute_sums.baseline_n',
            insufficient='attribute_sums.degrees_of_freedom < 1 or attribute_sums.smallest_expected_users < 1',
            smallest_count="""case
                when attribute_sums.share_of_small_cells <= 2e-1 then 5e0 else attribute_sums.smallest_expected_users
            end""",
            units=['attribute_sums.clusters', 'attribute_sums.baseline_clusters']
        ) }} as quality,
        attribute_sums.degrees_of_freedom,
        attribute_sums.smallest_expected_users,
        greatest(attribute_sums.own_effect, {{ segmentation.dealt_design_effect(
            'attribute_sums.n', 'attribute_sums.population', 'attribute_sums.segment_squares',
            'attribute_sums.population_squares',
            'attribute_sums.account_trace / nullif(attribute_sums.degrees_of_freedom, 0)'
        ) }}) as design_effect,
        -- As an outcome in which all colleagues are alike would have it, less 1: 0 to 1.
        {{ segmentation.dealt_design_effect(
            'attribute_sums.n', 'attribute_sums.population', 'attribute_sums.segment_squares',
            'attribute_sums.population_squares', '2e0'
        ) }} - 1e0 as account_part,
        attribute_sums.account_trace,
        attribute_sums.account_trace_of_square,
        case
            when attribute_sums.degrees_of_freedom > 0
                then attribute_sums.pearson_chi_square * (attribute_sums.population - 1e0) / attribute_sums.population
        end as chi_square,
        case
            when attribute_sums.degrees_of_freedom > 0
                then sqrt(attribute_sums.pearson_chi_square / attribute_sums.population)
        end as effect_size,
        attributes.circular_segments like '%,' || attribute_sums.segment || ',%' as is_circular
    from attribute_sums
    inner join attributes on attribute_sums.attribute = attributes.attribute
),

corrected as (
    select
        *,
        case when quality != 'insufficient' then chi_square / design_effect end as corrected_chi_square
    from attribute_tests
),

-- The values of an attribute do not weigh alike in chi-square where some belong to a few large accounts.
weighted as (
    select
        *,
        greatest(0e0, coalesce(degrees_of_freedom * (
            (1e0 - account_part) * (1e0 - account_part) * degrees_of_freedom
            + 2e0 * account_part * (1e0 - account_part) * account_trace
            + account_part * account_part * account_trace_of_square
        ) / nullif(
            ((1e0 - account_part) * degrees_of_freedom + account_part * account_trace)
            * ((1e0 - account_part) * degrees_of_freedom + account_part * account_trace), 0e0
        ) - 1e0, 0e0)) as inequality
    from corrected
),

attribute_p as (
    select
        *,
        {{ segmentation.weighted_chi_square_tail('corrected_chi_square', 'degrees_of_freedom', 'inequality') }}
            as p_value
    from weighted
),

attribute_q as (
    {{ segmentation.corrected_families('attribute_p', "'segment_profiles'", 'not is_circular') }}
),

effective as (
    select
        *,
        users / value_design_effect as effective_users,
        n / value_design_effect as effective_n,
        baseline_users / value_design_effect as effective_baseline_users,
        baseline_n / value_design_effect as effective_baseline_n,
        users / nullif(n, 0e0) as share,
        baseline_users / nullif(baseline_n, 0e0) as baseline_share
    from value_effects
),

profiles as (
    select
        effective.segment,
        effective.attribute,
        effective.attribute_value,
        attribute_q.attribute_label,
        attribute_q.attribute_type,
        'cramers_v' as effect_size_kind,
        attribute_q.quality,
        attribute_q.family,
        cast(effective.users as bigint) as users,
        cast(effective.n as bigint) as n,
        cast(effective.baseline_users as bigint) as baseline_users,
        cast(effective.baseline_n as bigint) as baseline_n,
        effective.share,
        effective.baseline_share,
        1e2 * effective.share / nullif(effective.baseline_share, 0e0) as share_index,
        effective.share - effective.baseline_share as difference,
        {{ segmentation.newcombe_bound(
            'effective.effective_users', 'effective.effective_n',
            'effective.effective_baseline_users', 'effective.effective_baseline_n', 'lower'
        ) }} as difference_lower,
        {{ segmentation.newcombe_bound(
            'effective.effective_users', 'effective.effective_n',
            'effective.effective_baseline_users', 'effective.effective_baseline_n', 'upper'
        ) }} as difference_upper,
        effective.value_design_effect,
        attribute_q.chi_square,
        attribute_q.degrees_of_freedom,
        attribute_q.design_effect,
        attribute_q.smallest_expected_users,
        attribute_q.p_value,
        attribute_q.q_value,
        attribute_q.effect_size,
        attribute_q.is_circular,
        effective.data_through as as_of_date,
        effective.data_through
    from effective
    inner join attribute_q
        on
            effective.segment = attribute_q.segment
            and effective.attribute = attribute_q.attribute
)

select * from profiles
