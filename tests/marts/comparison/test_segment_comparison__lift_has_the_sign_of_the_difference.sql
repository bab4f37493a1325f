-- A lift says the same as the difference: above 0 where the segment has more, below 0 where it has less.

with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
),

failures as (
    select
        'segment_comparison: ' || segment || ', ' || metric || ' on ' || cast(as_of_date as {{ dbt.type_string() }})
        || ' has a difference of ' || cast(difference as {{ dbt.type_string() }}) || ' and a lift of '
        || cast(lift as {{ dbt.type_string() }})
        || '. A ratio to a mean that is not above 0 means nothing: lift must be NULL there.' as message
    from segment_comparison
    where
        (difference > 0 and lift < 0)
        or (difference < 0 and lift > 0)
        or (baseline_mean <= 0 and lift is not null)
)

select * from failures
