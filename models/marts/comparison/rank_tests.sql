{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'value_counts'],
    sized_by='value_counts'
) }}

-- Ranks of both sides of a comparison follow from how many users of each have a value.
with
value_counts as (
    select * from {{ ref('value_counts') }}
    where {{ segmentation.in_slice() }}
),

metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

segments as (
    select segment from {{ ref('segments') }}
),

compared_groups as (
    {{ segmentation.compared_groups(segmentation.setting('comparison_pairs')) }}
),

population_counts as (
    select * from value_counts
    where segment = ''
),

-- One row per comparison and value, with the users of both sides who have it.
compared_counts as (
    select
        compared_groups.segment,
        compared_groups.baseline,
        population_counts.metric,
        population_counts.metric_value,
        coalesce(segment_counts.users, 0e0) as users,
        coalesce(other_counts.users, 0e0)
        - case when compared_groups.baseline = 'rest' then coalesce(segment_counts.users, 0e0) else 0e0 end
            as baseline_users,
        population_counts.as_of_date
    from population_counts
    cross join compared_groups
    left join value_counts as segment_counts
        on
            compared_groups.segment = segment_counts.segment
            and population_counts.metric = segment_counts.metric
            and population_counts.metric_value = segment_counts.metric_value
            and population_counts.as_of_date = segment_counts.as_of_date
    left join value_counts as other_counts
        on
            compared_groups.other_group = other_counts.segment
            and population_counts.metric = other_counts.metric
            and population_counts.metric_value = other_counts.metric_value
            and population_counts.as_of_date = other_counts.as_of_date
),

ranked_counts as (
    select
        *,
        sum(baseline_users) over (
            partition by segment, baseline, metric, as_of_date
            order by metric_value
            rows between unbounded preceding and current row
        ) as baseline_not_above
    from compared_counts
),

-- Of all pairs of a member and one of the baseline: how many more has the member above than below. With it go the mean
-- mid-ranks of the two sides, and the variance of the mid-ranks, ties counted in.
tests as (
    select
        segment,
        baseline,
        metric,
        sum(users * (2e0 * baseline_not_above - baseline_users)) / nullif(sum(users) * sum(baseline_users), 0) - 1e0
            as cliffs_delta,
        sum(users + baseline_users) / 2e0
        * (sum(users * (2e0 * baseline_not_above - baseline_users)) / nullif(sum(users) * sum(baseline_users), 0) - 1e0)
            as rank_difference,
        (
            power(sum(users + baseline_users), 3)
            - sum((users + baseline_users) * (users + baseline_users) * (users + baseline_users))
        ) / nullif(12e0 * (sum(users + baseline_users) - 1e0), 0) as rank_variance,
        as_of_date
    from ranked_counts
    group by segment, baseline, metric, as_of_date
),

population_ranks as (
    select
        metric,
        users,
        sum(users)
            over (
                partition by metric, as_of_date
                order by metric_value
                rows between unbounded preceding and current row
            )
        - users / 2e0
        - sum(users) over (partition by metric, as_of_date) / 2e0 as centered_rank,
        as_of_date
    from population_counts
),

rank_shapes as (
    select
        metric,
        {{ segmentation.skewness_from_sums(
            'sum(users)', '0e0', 'sum(users * centered_rank * centered_rank)',
            'sum(users * centered_rank * centered_rank * centered_rank)'
        ) }} as skew,
        as_of_date
    from population_ranks
    group by metric, as_of_date
),

-- One row per comparison, also where nobody has a value.
final as (
    select
        compared_groups.segment,
        compared_groups.baseline,
        metric_rulers.metric,
        tests.cliffs_delta,
        tests.rank_difference,
        tests.rank_variance,
        rank_shapes.skew,
        metric_rulers.as_of_date
    from metric_rulers
    cross join compared_groups
    left join tests
        on
            compared_groups.segment = tests.segment
            and compared_groups.baseline = tests.baseline
            and metric_rulers.metric = tests.metric
            and metric_rulers.as_of_date = tests.as_of_date
    left join rank_shapes
        on
            metric_rulers.metric = rank_shapes.metric
            and metric_rulers.as_of_date = rank_shapes.as_of_date
    where metric_rulers.kind = 'ordinal'
)

select * from final
