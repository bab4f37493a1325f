-- Users of an account share what they do, so the spread is that of accounts: z is divided by the root of the design
-- effect, which is 1 where each account is counted once.
with
driver_observations as (
    select * from {{ ref('driver_observations') }}
),

driver_conditions as (
    select * from {{ ref('driver_conditions') }}
),

driver_pairs as (
    select * from {{ ref('driver_pairs') }}
),

driver_hypotheses as (
    select * from {{ ref('driver_hypotheses') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

met as (
    select
        target,
        driver,
        unit_id
    from driver_conditions
    where is_met
    union all
    select
        driver_pairs.target,
        driver_pairs.driver,
        first_conditions.unit_id
    from driver_pairs
    inner join driver_conditions as first_conditions
        on
            driver_pairs.target = first_conditions.target
            and driver_pairs.first_driver = first_conditions.driver
    inner join driver_conditions as second_conditions
        on
            driver_pairs.target = second_conditions.target
            and driver_pairs.second_driver = second_conditions.driver
            and first_conditions.unit_id = second_conditions.unit_id
    where
        first_conditions.is_met
        and second_conditions.is_met
),

-- Two populations per outcome: all units, and those whose features are known, for conditions that need them.
units as (
    select
        target,
        unit_id,
        cluster_id,
        case when has_outcome then 1e0 else 0e0 end as outcome,
        is_discovery,
        false as needs_features
    from driver_observations
    union all
    select
        target,
        unit_id,
        cluster_id,
        case when has_outcome then 1e0 else 0e0 end as outcome,
        is_discovery,
        true as needs_features
    from driver_observations
    where features_date is not null
),

cluster_totals as (
    select
        target,
        needs_features,
        is_discovery,
        cluster_id,
        1e0 * count(*) as units,
        sum(outcome) as outcomes
    from units
    group by target, needs_features, is_discovery, cluster_id
),

populations as (
    select
        target,
        needs_features,
        is_discovery,
        sum(units) as units,
        sum(outcomes) as outcomes,
        count(*) as clusters,
        sum(outcomes) / sum(units) as rate
    from cluster_totals
    group by target, needs_features, is_discovery
),

-- Per cluster the sum of (outcome − rate) over its units.
cluster_residuals as (
    select
        cluster_totals.*,
        cluster_totals.outcomes - cluster_totals.units * populations.rate as residual
    from cluster_totals
    inner join populations
        on
            cluster_totals.target = populations.target
            and cluster_totals.needs_features = populations.needs_features
            and cluster_totals.is_discovery = populations.is_discovery
),

residual_squares as (
    select
        target,
        needs_features,
        is_discovery,
        sum(residual * residual) as squares
    from cluster_residuals
    group by target, needs_features, is_discovery
),

met_clusters as (
    select
        driver_hypotheses.target,
        driver_hypotheses.driver,
        driver_hypotheses.needs_features,
        units.is_discovery,
        units.cluster_id,
        1e0 * count(*) as units,
        sum(units.outcome) as outcomes
    from driver_hypotheses
    inner join met
        on
            driver_hypotheses.target = met.target
            and driver_hypotheses.driver = met.driver
    inner join units
        on
            met.target = units.target
            and met.unit_id = units.unit_id
            and driver_hypotheses.needs_features = units.needs_features
    group by
        driver_hypotheses.target, driver_hypotheses.driver, driver_hypotheses.needs_features, units.is_discovery,
        units.cluster_id
),

met_sums as (
    select
        met_clusters.target,
        met_clusters.driver,
        met_clusters.is_discovery,
        sum(met_clusters.units) as units,
        sum(met_clusters.outcomes) as outcomes,
        count(*) as clusters,
        sum(case when met_clusters.units = cluster_residuals.units then 1 else 0 end) as whole_clusters,
        sum(
            (met_clusters.outcomes - met_clusters.units * populations.rate)
            * (met_clusters.outcomes - met_clusters.units * populations.rate)
        ) as met_squares,
        sum(
            (met_clusters.outcomes - met_clusters.units * populations.rate) * cluster_residuals.residual
        ) as products
    from met_clusters
    inner join cluster_residuals
        on
            met_clusters.target = cluster_residuals.target
            and met_clusters.needs_features = cluster_residuals.needs_features
            and met_clusters.is_discovery = cluster_residuals.is_discovery
            and met_clusters.cluster_id = cluster_residuals.cluster_id
    inner join populations
        on
            met_clusters.target = populations.target
            and met_clusters.needs_features = populations.needs_features
            and met_clusters.is_discovery = populations.is_discovery
    group by met_clusters.target, met_clusters.driver, met_clusters.is_discovery
),

halves as (
    select true as is_discovery
    from data_through
    union all
    select false as is_discovery
    from data_through
),

-- One row per condition and half, also where nobody meets it.
counted as (
    select
        driver_hypotheses.target,
        driver_hypotheses.driver,
        halves.is_discovery,
        coalesce(met_sums.units, 0e0) as n,
        coalesce(populations.units, 0e0) - coalesce(met_sums.units, 0e0) as baseline_n,
        coalesce(met_sums.outcomes, 0e0) as outcomes,
        coalesce(populations.outcomes, 0e0) - coalesce(met_sums.outcomes, 0e0) as baseline_outcomes,
        populations.units as population,
        populations.rate,
        coalesce(met_sums.clusters, 0) as clusters,
        coalesce(populations.clusters, 0) - coalesce(met_sums.whole_clusters, 0) as baseline_clusters,
        coalesce(met_sums.units, 0e0) / populations.units as met_share,
        coalesce(met_sums.met_squares, 0e0) as met_squares,
        coalesce(met_sums.products, 0e0) as products,
        residual_squares.squares
    from driver_hypotheses
    cross join halves
    left join populations
        on
            driver_hypotheses.target = populations.target
            and driver_hypotheses.needs_features = populations.needs_features
            and halves.is_discovery = populations.is_discovery
    left join residual_squares
        on
            driver_hypotheses.target = residual_squares.target
            and driver_hypotheses.needs_features = residual_squares.needs_features
            and halves.is_discovery = residual_squares.is_discovery
    left join met_sums
        on
            driver_hypotheses.target = met_sums.target
            and driver_hypotheses.driver = met_sums.driver
            and halves.is_discovery = met_sums.is_discovery
),

-- The variance of Σ (outcome − rate)(met − share) by clusters, over the same with every unit its own cluster.
spread as (
    select
        *,
        outcomes / nullif(n, 0e0) as mean,
        baseline_outcomes / nullif(baseline_n, 0e0) as baseline_mean,
        rate * (1e0 - rate) * population / nullif(population - 1e0, 0e0) as variance,
        met_squares - 2e0 * met_share * products + met_share * met_share * squares as cluster_variance,
        (1e0 - met_share) * (1e0 - met_share)
        * (outcomes * (1e0 - rate) * (1e0 - rate) + (n - outcomes) * rate * rate)
        + met_share * met_share
        * (baseline_outcomes * (1e0 - rate) * (1e0 - rate) + (baseline_n - baseline_outcomes) * rate * rate)
            as unit_variance,
        least(n, baseline_n) * least(rate, 1e0 - rate) as smallest_expected_outcomes
    from counted
),

designed as (
    select
        *,
        greatest(1e0, coalesce(cluster_variance / nullif(unit_variance, 0e0), 1e0)) as design_effect,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'variance') }} as naive_z,
        {{ segmentation.comparison_quality(
            'clusters', 'baseline_clusters', at_least=segmentation.setting('driver_min_units'),
            insufficient='coalesce(variance, 0e0) <= 0', smallest_count='smallest_expected_outcomes',
            units=['clusters', 'baseline_clusters']
        ) }} as quality
    from spread
),

scored as (
    select
        *,
        case when quality != 'insufficient' then naive_z / sqrt(design_effect) end as z
    from designed
),

with_p as (
    select
        *,
        {{ segmentation.normal_two_sided_p('z') }} as p_value
    from scored
),

-- What either condition of a pair reaches alone, among the same units.
parents as (
    select
        met.target,
        met.driver,
        units.is_discovery,
        sum(units.outcome - populations.rate) / max(populations.units) as wracc
    from met
    inner join units
        on
            met.target = units.target
            and met.unit_id = units.unit_id
    inner join populations
        on
            units.target = populations.target
            and units.needs_features = populations.needs_features
            and units.is_discovery = populations.is_discovery
    where units.needs_features
    group by met.target, met.driver, units.is_discovery
),

tests as (
    select
        with_p.target,
        with_p.driver,
        with_p.quality,
        with_p.n,
        with_p.baseline_n,
        with_p.outcomes,
        with_p.baseline_outcomes,
        with_p.population,
        with_p.rate,
        cast(with_p.clusters as bigint) as clusters,
        cast(with_p.baseline_clusters as bigint) as baseline_clusters,
        with_p.design_effect,
        with_p.mean,
        with_p.baseline_mean,
        with_p.p_value,
        parents.wracc as known_wracc,
        with_p.is_discovery
    from with_p
    left join parents
        on
            with_p.target = parents.target
            and with_p.driver = parents.driver
            and with_p.is_discovery = parents.is_discovery
)

select * from tests
