{%- set targets = segmentation.driver_targets() %}
{%- set candidates = segmentation.driver_candidates() %}
{%- set circular = segmentation.circular_drivers(targets, candidates) %}

-- Everything that is tested, and what it is called.
with
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
        targets.target_label,
        targets.outcome_label,
        candidates.driver_kind,
        targets.unit,
        targets.unit_label,
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

-- Pairs were chosen by their WRAcc in the half that searches.
hypotheses as (
    select
        target,
        driver,
        cast(null as {{ dbt.type_string() }}) as first_driver,
        cast(null as {{ dbt.type_string() }}) as second_driver,
        target_label,
        outcome_label,
        driver_label,
        driver_kind,
        unit,
        unit_label,
        threshold,
        cast(null as double) as discovery_wracc,
        driver_kind != 'event' as needs_features,
        is_circular
    from labels
    union all
    select
        driver_pairs.target,
        driver_pairs.driver,
        driver_pairs.first_driver,
        driver_pairs.second_driver,
        first_labels.target_label,
        first_labels.outcome_label,
        first_labels.driver_label || ' and ' || second_labels.driver_label as driver_label,
        'pair' as driver_kind,
        first_labels.unit,
        first_labels.unit_label,
        cast(null as double) as threshold,
        driver_pairs.discovery_wracc,
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
)

select * from hypotheses
