-- Every outcome has every condition, and with and without it together are the units of the half that reports: all of
-- them for events, those with known features for other conditions; and so are their outcomes.
{%- set targets = segmentation.driver_targets() %}

with
driver_observations as (
    select * from {{ ref('driver_observations') }}
),

segment_drivers as (
    select * from {{ ref('segment_drivers') }}
),

candidates as (
    {%- for target in targets %}
    {%- set outer_loop = loop %}
    {%- for candidate in segmentation.driver_candidates() if candidate.kind != 'amount' or target.unit == 'user' %}
    select
        '{{ target.name }}' as target,
        '{{ candidate.name }}' as driver
    from {{ ref('data_through') }}
    {{ 'union all' if not (loop.last and outer_loop.last) }}
    {%- endfor %}
    {%- else %}
    select
        target,
        driver
    from segment_drivers
    where false
    {%- endfor %}
),

populations as (
    select
        target,
        count(*) as units,
        sum(case when has_outcome then 1 else 0 end) as outcomes,
        count(features_date) as known_units,
        sum(case when has_outcome and features_date is not null then 1 else 0 end) as known_outcomes
    from driver_observations
    where not is_discovery
    group by target
),

failures as (
    select
        'segment_drivers: ' || coalesce(candidates.target, segment_drivers.target) || ', '
        || coalesce(candidates.driver, segment_drivers.driver) || ' has '
        || coalesce(cast(segment_drivers.n as {{ dbt.type_string() }}), 'no row of') || ' units with and '
        || coalesce(cast(segment_drivers.baseline_n as {{ dbt.type_string() }}), 'NULL')
        || ' without it; driver_observations has '
        || coalesce(cast(populations.units as {{ dbt.type_string() }}), 'no') || ', of them '
        || coalesce(cast(populations.known_units as {{ dbt.type_string() }}), 'none') || ' with features.' as message
    from candidates
    full outer join segment_drivers
        on
            candidates.target = segment_drivers.target
            and candidates.driver = segment_drivers.driver
    left join populations on segment_drivers.target = populations.target
    where
        (candidates.driver is null and segment_drivers.driver_kind != 'pair')
        or segment_drivers.driver is null
        or segment_drivers.n + segment_drivers.baseline_n is distinct from coalesce(
            case when segment_drivers.driver_kind = 'event' then populations.units else populations.known_units end,
            0
        )
        or segment_drivers.outcomes + segment_drivers.baseline_outcomes is distinct from coalesce(
            case
                when segment_drivers.driver_kind = 'event' then populations.outcomes
                else populations.known_outcomes
            end,
            0
        )
)

select * from failures
