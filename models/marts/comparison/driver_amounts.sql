-- Amounts keep their values: how well these order the units, and how far apart their means lie.
with
driver_observations as (
    select * from {{ ref('driver_observations') }}
),

driver_conditions as (
    select * from {{ ref('driver_conditions') }}
),

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

amounts as (
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
)

select * from amounts
