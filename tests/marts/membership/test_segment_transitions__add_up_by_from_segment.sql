-- The users who come from a segment are those whom segment_sizes counts at the previous date.
with
transitions as (
    select
        from_segment as segment,
        as_of_date,
        sum(users) as users
    from {{ ref('segment_transitions') }}
    where from_segment != '__new__'
    group by from_segment, as_of_date
),

lifecycle_segments as (
    select segment from {{ ref('segments') }}
    where is_lifecycle
),

sizes as (
    select
        segment_sizes.segment,
        segment_sizes.users,
        as_of_dates.as_of_date
    from {{ ref('segment_sizes') }} as segment_sizes
    inner join lifecycle_segments on segment_sizes.segment = lifecycle_segments.segment
    inner join {{ ref('as_of_dates') }} as as_of_dates on segment_sizes.as_of_date = as_of_dates.previous_as_of_date
    where as_of_dates.previous_as_of_date is not null and segment_sizes.users > 0
),

failures as (
    select
        'segment_transitions: ' || cast(coalesce(transitions.users, 0) as {{ dbt.type_string() }})
        || ' users come from ' || coalesce(transitions.segment, sizes.segment) || ' on '
        || cast(coalesce(transitions.as_of_date, sizes.as_of_date) as {{ dbt.type_string() }})
        || ', segment_sizes has ' || cast(coalesce(sizes.users, 0) as {{ dbt.type_string() }})
        || ' on previous_as_of_date. Nobody may get lost on the way.' as message
    from transitions
    full outer join sizes
        on
            transitions.segment = sizes.segment
            and transitions.as_of_date = sizes.as_of_date
    where transitions.users is distinct from sizes.users
)

select * from failures
