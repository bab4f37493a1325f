{%- set bits_per_word = 62 -%}
{%- set circular = segmentation.circular_drivers(segmentation.driver_targets(), segmentation.driver_candidates()) %}

-- Each condition becomes a row of bits, 62 units to a BIGINT, and beside it the bits of those with the outcome. All
-- pairs are counted on them: it does not matter how many sets of conditions there are.
with
driver_observations as (
    select * from {{ ref('driver_observations') }}
),

driver_conditions as (
    select * from {{ ref('driver_conditions') }}
),

-- The half that searches, where the features are known, so that both conditions of a pair could be met.
units as (
    select
        target,
        unit_id,
        row_number() over (partition by target order by unit_id) as unit_number,
        has_outcome
    from driver_observations
    where
        is_discovery
        and features_date is not null
),

totals as (
    select
        target,
        cast(count(*) as bigint) as units,
        cast(sum(case when has_outcome then 1 else 0 end) as bigint) as outcomes
    from units
    group by target
),

positions as (
    select
        driver_conditions.target,
        driver_conditions.driver,
        cast(floor(units.unit_number / {{ bits_per_word }}e0) as bigint) as word_number,
        cast(power(2, units.unit_number % {{ bits_per_word }}) as bigint) as unit_bit,
        units.has_outcome
    from driver_conditions
    inner join units
        on
            driver_conditions.target = units.target
            and driver_conditions.unit_id = units.unit_id
    where
        driver_conditions.is_met
    {%- for target, names in circular.items() if names %}
    and not (
        driver_conditions.target = '{{ target }}'
        and driver_conditions.driver in ({{ segmentation.text_literals(names) }})
    )
    {%- endfor %}
),

words as (
    select
        target,
        driver,
        word_number,
        cast(sum(unit_bit) as bigint) as unit_bits,
        cast(sum(case when has_outcome then unit_bit else 0 end) as bigint) as outcome_bits
    from positions
    group by target, driver, word_number
),

-- Of each pair one half only, and each condition with itself.
pair_counts as (
    select
        words.target,
        words.driver as first_driver,
        other_words.driver as second_driver,
        cast(sum({{ segmentation.shared_bits('words.unit_bits', 'other_words.unit_bits') }}) as bigint) as units,
        cast(sum({{ segmentation.shared_bits('words.unit_bits', 'other_words.outcome_bits') }}) as bigint) as outcomes
    from words
    inner join words as other_words
        on
            words.target = other_words.target
            and words.word_number = other_words.word_number
            and words.driver <= other_words.driver
    group by words.target, words.driver, other_words.driver
),

-- WRAcc: the share of the units that meet it, times how far their rate lies above everybody's.
measured as (
    select
        pair_counts.target,
        pair_counts.first_driver,
        pair_counts.second_driver,
        pair_counts.units,
        pair_counts.outcomes,
        1e0 * pair_counts.outcomes / totals.units
        - 1e0 * pair_counts.units / totals.units * totals.outcomes / totals.units as wracc
    from pair_counts
    inner join totals on pair_counts.target = totals.target
),

beating_both as (
    select
        measured.*,
        greatest(first_parents.wracc, second_parents.wracc) as parent_wracc
    from measured
    inner join measured as first_parents
        on
            measured.target = first_parents.target
            and measured.first_driver = first_parents.first_driver
            and measured.first_driver = first_parents.second_driver
    inner join measured as second_parents
        on
            measured.target = second_parents.target
            and measured.second_driver = second_parents.first_driver
            and measured.second_driver = second_parents.second_driver
    where
        measured.first_driver != measured.second_driver
        and measured.units >= {{ segmentation.setting('driver_min_units') }}
        and measured.wracc > 1e-12
        and measured.wracc > first_parents.wracc + 1e-12
        and measured.wracc > second_parents.wracc + 1e-12
),

-- Rounded, so that the order of a sum decides no tie.
ranked as (
    select
        *,
        row_number() over (
            partition by target
            order by round(wracc, 12) desc, first_driver asc, second_driver asc
        ) as position
    from beating_both
),

pairs as (
    select
        ranked.target,
        ranked.first_driver || ' and ' || ranked.second_driver as driver,
        ranked.first_driver,
        ranked.second_driver,
        cast(ranked.position as bigint) as position,
        ranked.units as discovery_n,
        ranked.wracc as discovery_wracc,
        ranked.parent_wracc as discovery_parent_wracc
    from ranked
    where ranked.position <= {{ segmentation.setting('driver_pairs') }}
)

select * from pairs
