{%- set targets = segmentation.driver_targets() %}
{%- set candidates = segmentation.driver_candidates() %}
{%- set circular = segmentation.circular_drivers(targets, candidates) %}
{%- set percent = segmentation._percent_text %}

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

data_through as (
    select * from {{ ref('data_through') }}
),

targets as (
    {%- for target in targets %}
    select
        '{{ target.name }}' as target,
        {{ segmentation.text_literal(target.label) }} as target_label,
        {{ segmentation.text_literal(target.outcome) }} as outcome_label,
        '{{ target.unit }}' as unit,
        {{ segmentation.text_literal(target.unit_label) }} as unit_label,
        {{ segmentation.text_literal(target.window) }} as event_window
    union all
    {%- endfor %}
    select
        '' as target,
        '' as target_label,
        '' as outcome_label,
        '' as unit,
        '' as unit_label,
        '' as event_window
    from data_through
    where false
),

candidates as (
    {%- for candidate in candidates %}
    {%- set names = [] %}
    {%- for target, circular_names in circular.items() if candidate.name in circular_names %}
    {%- do names.append(target) %}
    {%- endfor %}
    select
        '{{ candidate.name }}' as driver,
        {{ segmentation.text_literal(candidate.label) }} as driver_label,
        '{{ candidate.kind }}' as driver_kind,
        ',{{ names | join(',') }},' as circular_targets
    union all
    {%- endfor %}
    select
        '' as driver,
        '' as driver_label,
        '' as driver_kind,
        '' as circular_targets
    from data_through
    where false
),

thresholds as (
    select
        target,
        driver,
        max(threshold) as threshold
    from driver_conditions
    group by target, driver
),

-- Amounts are those of a user on one date; an account has none.
labels as (
    select
        targets.target,
        candidates.driver,
        candidates.driver_kind,
        candidates.driver_label
        || case when candidates.driver_kind = 'event' then ' ' || targets.event_window else '' end
        || coalesce(' above ' || cast(cast(thresholds.threshold as decimal(38, 2)) as {{ dbt.type_string() }}), '')
            as driver_label,
        thresholds.threshold,
        candidates.circular_targets like '%,' || targets.target || ',%' as is_circular
    from targets
    cross join candidates
    left join thresholds
        on
            targets.target = thresholds.target
            and candidates.driver = thresholds.driver
    where
        candidates.driver_kind != 'amount'
        or targets.unit = 'user'
),

-- Everything that is tested. Pairs were chosen by their WRAcc in the half that searches.
tested as (
    select
        target,
        driver,
        cast(null as {{ dbt.type_string() }}) as first_driver,
        cast(null as {{ dbt.type_string() }}) as second_driver,
        driver_kind,
        driver_label,
        cast(null as double) as discovery_wracc,
        threshold,
        driver_kind != 'event' as needs_features,
        is_circular
    from labels
    union all
    select
        driver_pairs.target,
        driver_pairs.driver,
        driver_pairs.first_driver,
        driver_pairs.second_driver,
        'pair' as driver_kind,
        first_labels.driver_label || ' and ' || second_labels.driver_label as driver_label,
        driver_pairs.discovery_wracc,
        cast(null as double) as threshold,
        true as needs_features,
        false as is_circular
    from driver_pairs
    inner join labels as first_labels
        on
            driver_pairs.target = first_labels.target
            and driver_pairs.first_driver = first_labels.driver
    inner join labels as second_labels
        on
            driver_pairs.target = second_labels.target
            and driver_pairs.second_driver = second_labels.driver
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
        tested.target,
        tested.driver,
        tested.needs_features,
        units.is_discovery,
        units.cluster_id,
        1e0 * count(*) as units,
        sum(units.outcome) as outcomes
    from tested
    inner join met
        on
            tested.target = met.target
            and tested.driver = met.driver
    inner join units
        on
            met.target = units.target
            and met.unit_id = units.unit_id
            and tested.needs_features = units.needs_features
    group by tested.target, tested.driver, tested.needs_features, units.is_discovery, units.cluster_id
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
        tested.target,
        tested.driver,
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
    from tested
    cross join halves
    left join populations
        on
            tested.target = populations.target
            and tested.needs_features = populations.needs_features
            and halves.is_discovery = populations.is_discovery
    left join residual_squares
        on
            tested.target = residual_squares.target
            and tested.needs_features = residual_squares.needs_features
            and halves.is_discovery = residual_squares.is_discovery
    left join met_sums
        on
            tested.target = met_sums.target
            and tested.driver = met_sums.driver
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
        {{ segmentation.randomisation_z('mean', 'n', 'baseline_mean', 'baseline_n', 'variance') }} as naive_z,
        {{ segmentation.comparison_quality(
            'clusters', 'baseline_clusters', at_least=segmentation.setting('driver_min_units'),
            insufficient='coalesce(variance, 0e0) <= 0', smallest_count='smallest_expected_outcomes'
        ) }} as quality
    from spread
),

scored as (
    select
        *,
        case when quality != 'insufficient' then naive_z / sqrt(design_effect) end as z,
        n / design_effect as effective_n,
        baseline_n / design_effect as effective_baseline_n,
        outcomes / design_effect as effective_outcomes,
        baseline_outcomes / design_effect as effective_baseline_outcomes
    from designed
),

with_p as (
    select
        *,
        {{ segmentation.normal_two_sided_p('z') }} as p_value
    from scored
),

discovery as (
    select * from with_p
    where is_discovery
),

report as (
    select * from with_p
    where not is_discovery
),

-- Amounts keep their values: how well these order the units, and how far apart their means lie.
valued as (
    select
        driver_conditions.target,
        driver_conditions.driver,
        driver_conditions.driver_value,
        driver_observations.has_outcome,
        {{ segmentation.mid_rank(
            'driver_conditions.driver_value', ['driver_conditions.target', 'driver_conditions.driver']
        ) }} as mid_rank
    from driver_conditions
    inner join driver_observations
        on
            driver_conditions.target = driver_observations.target
            and driver_conditions.unit_id = driver_observations.unit_id
    where
        driver_conditions.driver_value is not null
        and not driver_observations.is_discovery
),

value_sums as (
    select
        target,
        driver,
        1e0 * count(case when has_outcome then 1 end) as outcomes,
        1e0 * count(case when not has_outcome then 1 end) as other_units,
        sum(case when has_outcome then mid_rank else 0e0 end) as outcome_ranks,
        avg(case when has_outcome then driver_value end) as outcome_mean,
        avg(case when not has_outcome then driver_value end) as other_mean,
        var_samp(case when has_outcome then driver_value end) as outcome_variance,
        var_samp(case when not has_outcome then driver_value end) as other_variance
    from valued
    group by target, driver
),

value_scores as (
    select
        target,
        driver,
        (outcome_ranks - outcomes * (outcomes + 1e0) / 2e0) / nullif(outcomes * other_units, 0e0) as auc,
        case
            when outcomes >= 2 and other_units >= 2
                then (outcome_mean - other_mean) / nullif(sqrt(
                        ((outcomes - 1e0) * outcome_variance + (other_units - 1e0) * other_variance)
                        / nullif(outcomes + other_units - 2e0, 0e0)
                    ), 0e0)
        end as cohens_d
    from value_sums
),

joined as (
    select
        tested.target,
        tested.driver,
        tested.first_driver,
        tested.second_driver,
        targets.target_label,
        tested.driver_label,
        tested.driver_kind,
        targets.unit,
        targets.unit_label,
        targets.outcome_label,
        report.quality,
        report.n,
        report.baseline_n,
        report.outcomes,
        report.baseline_outcomes,
        report.effective_n,
        report.effective_baseline_n,
        report.effective_outcomes,
        report.effective_baseline_outcomes,
        report.clusters,
        report.baseline_clusters,
        report.design_effect,
        report.mean,
        report.baseline_mean,
        report.rate,
        report.population,
        report.p_value as report_p_value,
        discovery.n as discovery_n,
        discovery.mean - discovery.baseline_mean as discovery_difference,
        discovery.p_value as discovery_p_value,
        tested.discovery_wracc,
        tested.threshold,
        value_scores.auc as value_auc,
        value_scores.cohens_d,
        tested.is_circular,
        coalesce(
            discovery.p_value < {{ segmentation.setting('driver_discovery_level') }}
            and not tested.is_circular
            and report.quality != 'insufficient',
            false
        ) as is_discovered,
        least(
            report.outcomes, report.n - report.outcomes,
            report.baseline_outcomes, report.baseline_n - report.baseline_outcomes
        ) <= 0 as has_empty_cell
    from tested
    inner join targets on tested.target = targets.target
    inner join report
        on
            tested.target = report.target
            and tested.driver = report.driver
    inner join discovery
        on
            tested.target = discovery.target
            and tested.driver = discovery.driver
    left join value_scores
        on
            tested.target = value_scores.target
            and tested.driver = value_scores.driver
),

-- Haldane: one half in each cell where one of them is empty. NULL where a side is empty, or one of the outcomes.
cells as (
    select
        *,
        case when is_discovered then report_p_value end as p_value,
        case when has_empty_cell then 5e-1 else 0e0 end as correction,
        n > 0 and baseline_n > 0 and rate > 0 and rate < 1 as is_estimable,
        mean - baseline_mean as difference,
        n / nullif(population, 0e0) * (mean - rate) as wracc
    from joined
),

odds as (
    select
        *,
        case
            when is_estimable
                then ln(
                        (outcomes + correction) / nullif(n - outcomes + correction, 0e0)
                        / nullif(
                            (baseline_outcomes + correction)
                            / nullif(baseline_n - baseline_outcomes + correction, 0e0),
                            0e0
                        )
                    )
        end as log_odds_ratio,
        case
            when is_estimable
                then sqrt(design_effect * (
                        1e0 / nullif(outcomes + correction, 0e0) + 1e0 / nullif(n - outcomes + correction, 0e0)
                        + 1e0 / nullif(baseline_outcomes + correction, 0e0)
                        + 1e0 / nullif(baseline_n - baseline_outcomes + correction, 0e0)
                    ))
        end as log_odds_ratio_error,
        -- The shares of the units with and without the outcome that meet the condition.
        (outcomes + correction) / nullif(outcomes + baseline_outcomes + 2e0 * correction, 0e0) as outcome_met,
        (n - outcomes + correction)
        / nullif(n + baseline_n - outcomes - baseline_outcomes + 2e0 * correction, 0e0) as other_met,
        outcomes / nullif(outcomes + baseline_outcomes, 0e0) as sensitivity,
        (baseline_n - baseline_outcomes)
        / nullif(n + baseline_n - outcomes - baseline_outcomes, 0e0) as specificity
    from cells
),

adjusted as (
    {{ segmentation.corrected_families(
        'odds', "target || case when driver_kind = 'pair' then ', pairs' else '' end", 'is_discovered'
    ) }}
),

-- What either condition of a pair reaches alone, among the same units.
parents as (
    select
        met.target,
        met.driver,
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
    where
        units.needs_features
        and not units.is_discovery
    group by met.target, met.driver
),

confirmed as (
    select
        adjusted.*,
        coalesce(
            adjusted.q_value < {{ segmentation.setting('driver_false_discovery_rate') }}
            and adjusted.quality != 'low_counts'
            and adjusted.difference * adjusted.discovery_difference > 0
            and (
                adjusted.driver_kind != 'pair'
                or (adjusted.wracc > first_parents.wracc + 1e-12 and adjusted.wracc > second_parents.wracc + 1e-12)
            ),
            false
        ) as is_confirmed,
        {{ segmentation.newcombe_bound(
            'adjusted.effective_outcomes', 'adjusted.effective_n',
            'adjusted.effective_baseline_outcomes', 'adjusted.effective_baseline_n', 'lower'
        ) }} as difference_lower,
        {{ segmentation.newcombe_bound(
            'adjusted.effective_outcomes', 'adjusted.effective_n',
            'adjusted.effective_baseline_outcomes', 'adjusted.effective_baseline_n', 'upper'
        ) }} as difference_upper
    from adjusted
    left join parents as first_parents
        on
            adjusted.target = first_parents.target
            and adjusted.first_driver = first_parents.driver
    left join parents as second_parents
        on
            adjusted.target = second_parents.target
            and adjusted.second_driver = second_parents.driver
),

drivers as (
    select
        confirmed.target,
        confirmed.driver,
        confirmed.first_driver,
        confirmed.second_driver,
        confirmed.target_label,
        confirmed.driver_label,
        confirmed.driver_kind,
        confirmed.unit,
        confirmed.driver_label
        || case
            when confirmed.quality = 'insufficient'
                then ': too few ' || confirmed.unit_label || ' to say anything about ' || confirmed.target_label || '.'
            else
                case
                    when confirmed.is_circular
                        then ' is an earlier reading of ' || confirmed.target_label || ' and is not tested: '
                    when confirmed.is_confirmed then ' is associated with ' || confirmed.target_label || ': '
                    when confirmed.is_discovered
                        then ' is not confirmed as associated with ' || confirmed.target_label || ': '
                    else ' does not stand out for ' || confirmed.target_label || ': '
                end
                || cast(cast(confirmed.n as bigint) as {{ dbt.type_string() }}) || ' ' || confirmed.unit_label
                || ' with it, of whom ' || {{ percent('confirmed.mean') }} || ' % ' || confirmed.outcome_label || '; '
                || cast(cast(confirmed.baseline_n as bigint) as {{ dbt.type_string() }}) || ' without, '
                || {{ percent('confirmed.baseline_mean') }} || ' %. Difference '
                || {{ percent('confirmed.difference') }} || ' points ('
                || {{ percent('confirmed.difference_lower') }} || ' to '
                || {{ percent('confirmed.difference_upper') }} || ').'
        end as reading,
        confirmed.quality,
        'phi' as effect_size_kind,
        confirmed.family,
        cast(confirmed.n as bigint) as n,
        cast(confirmed.baseline_n as bigint) as baseline_n,
        cast(confirmed.outcomes as bigint) as outcomes,
        cast(confirmed.baseline_outcomes as bigint) as baseline_outcomes,
        cast(confirmed.clusters as bigint) as clusters,
        cast(confirmed.baseline_clusters as bigint) as baseline_clusters,
        confirmed.design_effect,
        confirmed.mean,
        confirmed.baseline_mean,
        confirmed.difference,
        confirmed.difference_lower,
        confirmed.difference_upper,
        exp(confirmed.log_odds_ratio) as odds_ratio,
        {{ segmentation.odds_ratio_bound('confirmed.log_odds_ratio', 'confirmed.log_odds_ratio_error', 'lower') }}
            as odds_ratio_lower,
        {{ segmentation.odds_ratio_bound('confirmed.log_odds_ratio', 'confirmed.log_odds_ratio_error', 'upper') }}
            as odds_ratio_upper,
        case when confirmed.is_estimable then
                (
                    confirmed.outcomes * (confirmed.baseline_n - confirmed.baseline_outcomes)
                    - (confirmed.n - confirmed.outcomes) * confirmed.baseline_outcomes
                )
                / nullif(sqrt(
                    confirmed.n * confirmed.baseline_n * (confirmed.outcomes + confirmed.baseline_outcomes)
                    * (confirmed.n + confirmed.baseline_n - confirmed.outcomes - confirmed.baseline_outcomes)
                ), 0e0)
        end as effect_size,
        confirmed.sensitivity,
        case
            when confirmed.driver_kind = 'amount' then confirmed.value_auc
            else (confirmed.sensitivity + confirmed.specificity) / 2e0
        end as auc,
        confirmed.cohens_d,
        case when confirmed.is_estimable then
                (confirmed.outcome_met - confirmed.other_met)
                * ln(confirmed.outcome_met / nullif(confirmed.other_met, 0e0))
                + (confirmed.other_met - confirmed.outcome_met)
                * ln((1e0 - confirmed.outcome_met) / nullif(1e0 - confirmed.other_met, 0e0))
        end as information_value,
        confirmed.wracc,
        confirmed.threshold,
        confirmed.p_value,
        confirmed.q_value,
        cast(confirmed.discovery_n as bigint) as discovery_n,
        confirmed.discovery_difference,
        confirmed.discovery_p_value,
        confirmed.discovery_wracc,
        confirmed.is_circular,
        confirmed.is_discovered,
        confirmed.is_confirmed,
        confirmed.is_estimable and confirmed.has_empty_cell as has_continuity_correction,
        data_through.data_through as as_of_date,
        data_through.data_through
    from confirmed
    cross join data_through
)

select * from drivers
