-- What changed within users and what changed because others are members add up to the change of the segment's mean.
with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

failures as (
    select
        'segment_comparison: ' || changes.segment || ', ' || changes.metric || ' on '
        || cast(changes.as_of_date as {{ dbt.type_string() }}) || ' changed by '
        || coalesce(cast(changes.difference as {{ dbt.type_string() }}), 'NULL') || ' within users and '
        || coalesce(cast(changes.composition_effect as {{ dbt.type_string() }}), 'NULL')
        || ' by composition, its mean from ' || cast(earlier.mean as {{ dbt.type_string() }}) || ' to '
        || cast(present.mean as {{ dbt.type_string() }}) || '.' as message
    from segment_comparison as changes
    inner join as_of_dates on changes.as_of_date = as_of_dates.as_of_date
    inner join segment_comparison as present
        on
            changes.segment = present.segment
            and changes.metric = present.metric
            and changes.as_of_date = present.as_of_date
            and present.baseline = 'rest'
    inner join segment_comparison as earlier
        on
            changes.segment = earlier.segment
            and changes.metric = earlier.metric
            and as_of_dates.previous_as_of_date = earlier.as_of_date
            and earlier.baseline = 'rest'
    where
        changes.baseline = 'previous_period'
        and not coalesce(
            abs(changes.difference + changes.composition_effect - (present.mean - earlier.mean))
            <= 1e-9 * (abs(present.mean) + abs(earlier.mean) + abs(changes.difference)),
            changes.difference is null or present.mean is null or earlier.mean is null
        )
)

select * from failures
