{%- set percent = segmentation._percent_text -%}

-- Conditions are picked in the half of the units that searches, and judged in the other: the report half.
with
driver_hypotheses as (
    select * from {{ ref('driver_hypotheses') }}
),

driver_tests as (
    select * from {{ ref('driver_tests') }}
),

driver_amounts as (
    select * from {{ ref('driver_amounts') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

discovery as (
    select * from driver_tests
    where is_discovery
),

report as (
    select * from driver_tests
    where not is_discovery
),

joined as (
    select
        driver_hypotheses.target,
        driver_hypotheses.driver,
        driver_hypotheses.first_driver,
        driver_hypotheses.second_driver,
        driver_hypotheses.target_label,
        driver_hypotheses.driver_label,
        driver_hypotheses.driver_kind,
        driver_hypotheses.unit,
        driver_hypotheses.unit_label,
        driver_hypotheses.outcome_label,
        report.quality,
        report.n,
        report.baseline_n,
        report.outcomes,
        report.baseline_outcomes,
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
        driver_hypotheses.discovery_wracc,
        driver_hypotheses.threshold,
        driver_amounts.auc as value_auc,
        driver_amounts.cohens_d,
        driver_hypotheses.is_circular,
        coalesce(
            discovery.p_value < {{ segmentation.setting('driver_discovery_level') }}
            and not driver_hypotheses.is_circular
            and report.quality != 'insufficient',
            false
        ) as is_discovered,
        least(
            report.outcomes, report.n - report.outcomes,
            report.baseline_outcomes, report.baseline_n - report.baseline_outcomes
        ) <= 0 as has_empty_cell
    from driver_hypotheses
    inner join report
        on
            driver_hypotheses.target = report.target
            and driver_hypotheses.driver = report.driver
    inner join discovery
        on
            driver_hypotheses.target = discovery.target
            and driver_hypotheses.driver = discovery.driver
    left join driver_amounts
        on
            driver_hypotheses.target = driver_amounts.target
            and driver_hypotheses.driver = driver_amounts.driver
),

-- Haldane: one half in each cell where one of them is empty. NULL where a side is empty, or one of the outcomes.
cells as (
    select
        *,
        case when is_discovered then report_p_value end as p_value,
        case when has_empty_cell then 5e-1 else 0e0 end as correction,
        n / design_effect as effective_n,
        baseline_n / design_effect as effective_baseline_n,
        outcomes / design_effect as effective_outcomes,
        baseline_outcomes / design_effect as effective_baseline_outcomes,
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

confirmed as (
    select
        adjusted.*,
        coalesce(
            adjusted.q_value < {{ segmentation.setting('driver_false_discovery_rate') }}
            and adjusted.quality != 'low_counts'
            and adjusted.difference * adjusted.discovery_difference > 0
            and (
                adjusted.driver_kind != 'pair'
                or (
                    adjusted.wracc > first_parents.known_wracc + 1e-12
                    and adjusted.wracc > second_parents.known_wracc + 1e-12
                )
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
    left join report as first_parents
        on
            adjusted.target = first_parents.target
            and adjusted.first_driver = first_parents.driver
    left join report as second_parents
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
