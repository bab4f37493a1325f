{%- set metrics = segmentation.experiment_metrics() -%}

-- Sums first, from which means and spreads follow. Values are shifted by the experiment's mean, so that squares lose no
-- digits. The rest of a segment is everybody less the segment.
with
experiment_users as (
    select * from {{ ref('experiment_users') }}
),

experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

all_segments as (
    select
        segment,
        coalesce(tier, 'micro') as tier
    from {{ ref('segments') }}
    union all
    select
        '__all__' as segment,
        '__all__' as tier
    union all
    -- Users without a history are in no primary segment: beside these they are one more part of the whole.
    select
        '__no_history__' as segment,
        'primary' as tier
),

metric_kinds as (
    {%- for metric in metrics %}
    select
        {{ segmentation.text_literal(metric.name) }} as metric,
        {{ segmentation.text_literal(metric.kind) }} as metric_kind
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

memberships as (
    {{ segmentation.segments_at_exposure('experiment_users', 'experiment') }}
),

unobserved_users as (
    select
        experiment_users.experiment,
        experiment_users.variant,
        memberships.segment,
        count(*) as unobserved_users
    from experiment_users
    inner join memberships
        on
            experiment_users.experiment = memberships.experiment
            and experiment_users.user_id = memberships.user_id
    where
        not experiment_users.is_observed
        and not experiment_users.has_several_variants
    group by experiment_users.experiment, experiment_users.variant, memberships.segment
),

outcomes as (
    {%- for metric in metrics %}
    select
        experiment,
        user_id,
        variant,
        {{ segmentation.text_literal(metric.name) }} as metric,
        cast({{ metric.expression }} as double) as outcome,
        cast({{ metric.covariate }} as double) as covariate
    from experiment_users
    where
        is_observed
        and not has_several_variants
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

centers as (
    select
        experiment,
        metric,
        avg(outcome) as outcome_center,
        avg(covariate) as covariate_center
    from outcomes
    where outcome is not null
    group by experiment, metric
),

shifted_outcomes as (
    select
        outcomes.experiment,
        outcomes.user_id,
        outcomes.variant,
        outcomes.metric,
        outcomes.outcome,
        outcomes.outcome - centers.outcome_center as shifted,
        coalesce(outcomes.covariate - centers.covariate_center, 0e0) as covariate
    from outcomes
    inner join centers
        on
            outcomes.experiment = centers.experiment
            and outcomes.metric = centers.metric
    where outcomes.outcome is not null
),

sums as (
    select
        shifted_outcomes.experiment,
        shifted_outcomes.variant,
        memberships.segment,
        shifted_outcomes.metric,
        count(*) as n,
        sum(shifted_outcomes.outcome) as total,
        sum(shifted_outcomes.shifted) as shifted_total,
        sum(shifted_outcomes.shifted * shifted_outcomes.shifted) as squares,
        sum(shifted_outcomes.shifted * shifted_outcomes.shifted * shifted_outcomes.shifted) as cubes,
        sum(shifted_outcomes.covariate) as covariate_total,
        sum(shifted_outcomes.covariate * shifted_outcomes.covariate) as covariate_squares,
        sum(shifted_outcomes.shifted * shifted_outcomes.covariate) as products
    from shifted_outcomes
    inner join memberships
        on
            shifted_outcomes.experiment = memberships.experiment
            and shifted_outcomes.user_id = memberships.user_id
    group by
        shifted_outcomes.experiment, shifted_outcomes.variant, memberships.segment, shifted_outcomes.metric
),

-- Every variant in every segment by every metric, also where nobody is.
cells as (
    select
        experiment_variants.experiment,
        experiment_variants.variant,
        all_segments.segment,
        all_segments.tier,
        metric_kinds.metric,
        metric_kinds.metric_kind,
        coalesce(unobserved_users.unobserved_users, 0) as unobserved_users,
        coalesce(sums.n, 0) as n,
        coalesce(sums.total, 0e0) as total,
        coalesce(sums.shifted_total, 0e0) as shifted_total,
        coalesce(sums.squares, 0e0) as squares,
        coalesce(sums.cubes, 0e0) as cubes,
        coalesce(sums.covariate_total, 0e0) as covariate_total,
        coalesce(sums.covariate_squares, 0e0) as covariate_squares,
        coalesce(sums.products, 0e0) as products,
        coalesce(everybody.n, 0) - coalesce(sums.n, 0) as rest_n,
        coalesce(everybody.total, 0e0) - coalesce(sums.total, 0e0) as rest_total,
        coalesce(everybody.shifted_total, 0e0) - coalesce(sums.shifted_total, 0e0) as rest_shifted_total,
        {{ segmentation.difference_of_sums(
            'coalesce(everybody.squares, 0e0)', 'coalesce(sums.squares, 0e0)', 'coalesce(everybody.squares, 0e0)'
        ) }} as rest_squares
    from experiment_variants
    cross join all_segments
    cross join metric_kinds
    left join unobserved_users
        on
            experiment_variants.experiment = unobserved_users.experiment
            and experiment_variants.variant = unobserved_users.variant
            and all_segments.segment = unobserved_users.segment
    left join sums
        on
            experiment_variants.experiment = sums.experiment
            and experiment_variants.variant = sums.variant
            and all_segments.segment = sums.segment
            and metric_kinds.metric = sums.metric
    left join sums as everybody
        on
            experiment_variants.experiment = everybody.experiment
            and experiment_variants.variant = everybody.variant
            and metric_kinds.metric = everybody.metric
            and everybody.segment = '__all__'
),

spreads as (
    select
        *,
        {{ segmentation.standard_deviation_from_sums('n', 'shifted_total', 'squares') }} as standard_deviation,
        {{ segmentation.standard_deviation_from_sums('rest_n', 'rest_shifted_total', 'rest_squares') }}
            as rest_standard_deviation,
        {{ segmentation.standard_deviation_from_sums('n', 'covariate_total', 'covariate_squares') }}
            as covariate_standard_deviation,
        cubes / nullif(n, 0)
        - 3e0 * shifted_total * squares / nullif(cast(n as double) * n, 0)
        + 2e0 * shifted_total * shifted_total * shifted_total / nullif(cast(n as double) * n * n, 0) as third_moment
    from cells
),

variant_outcomes as (
    select
        spreads.experiment,
        spreads.variant,
        spreads.segment,
        spreads.tier,
        spreads.metric,
        spreads.metric_kind,
        cast(spreads.unobserved_users as bigint) as unobserved_users,
        cast(spreads.n as bigint) as n,
        spreads.total,
        spreads.total / nullif(spreads.n, 0) as mean,
        spreads.standard_deviation,
        spreads.third_moment,
        spreads.covariate_total / nullif(spreads.n, 0) as covariate_mean,
        spreads.covariate_standard_deviation,
        (spreads.products - spreads.shifted_total * spreads.covariate_total / nullif(spreads.n, 0))
        / nullif(spreads.n - 1, 0) as covariance,
        cast(spreads.rest_n as bigint) as rest_n,
        spreads.rest_total / nullif(spreads.rest_n, 0) as rest_mean,
        spreads.rest_standard_deviation,
        data_through.data_through as as_of_date,
        data_through.data_through
    from spreads
    cross join data_through
)

select * from variant_outcomes
