-- The three metrics in which each segment differs most from the rest at the newest date, in units of the rest's spread.
with
comparison as (
    select * from {{ ref('segment_comparison') }}
),

distances as (
    select
        segment,
        metric,
        n,
        mean,
        baseline_mean,
        difference / nullif(baseline_standard_deviation, 0e0) as distance
    from comparison
    where
        as_of_date = data_through
        and n > 0
),

ranked as (
    select
        *,
        row_number() over (
            partition by segment
            order by abs(distance) desc nulls last, metric asc
        ) as place
    from distances
),

nearest_the_top as (
    select *
    from ranked
    where place <= 3
)

select * from nearest_the_top
