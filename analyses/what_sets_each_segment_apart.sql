-- The three metrics in which each segment differs most from the rest at the newest date, among those that can be acted
-- on: not circular, and a false alarm in one of ten cases at most.
with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
),

differences as (
    select
        segment,
        metric,
        effect_size_kind,
        quality,
        n,
        mean,
        baseline_mean,
        difference_lower,
        difference_upper,
        q_value,
        effect_size,
        standardized_difference,
        is_reversed
    from segment_comparison
    where
        baseline = 'rest'
        and as_of_date = data_through
        and q_value <= 0.1
),

ranked as (
    select
        *,
        row_number() over (
            partition by segment
            order by abs(effect_size) desc nulls last, metric asc
        ) as place
    from differences
),

nearest_the_top as (
    select *
    from ranked
    where place <= 3
)

select * from nearest_the_top
