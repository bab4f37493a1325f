-- The criteria lead from the population to the users of segment_sizes, none below 0, and every segment is there.
with
segment_attrition as (
    select
        *,
        row_number() over (partition by segment order by criterion_number desc) as place_from_end,
        lag(users_after, 1, base_users) over (partition by segment order by criterion_number) as users_before
    from {{ ref('segment_attrition') }}
),

sizes as (
    select segment_sizes.*
    from {{ ref('segment_sizes') }} as segment_sizes
    inner join {{ ref('data_through') }} as data_through on segment_sizes.as_of_date = data_through.data_through
),

last_criteria as (
    select * from segment_attrition
    where place_from_end = 1
),

failures as (
    select
        'segment_attrition: ' || sizes.segment || ' ends with '
        || coalesce(cast(last_criteria.users_after as {{ dbt.type_string() }}), 'no row of') || ' users of '
        || coalesce(cast(last_criteria.base_users as {{ dbt.type_string() }}), 'NULL') || ', segment_sizes has '
        || cast(sizes.users as {{ dbt.type_string() }}) || ' of '
        || cast(sizes.population_users as {{ dbt.type_string() }}) || '.' as message
    from sizes
    left join last_criteria on sizes.segment = last_criteria.segment
    where
        last_criteria.users_after is distinct from sizes.users
        or last_criteria.base_users is distinct from sizes.population_users
        -- After the last criterion nobody is left to be kept out by another one.
        or last_criteria.near_misses is distinct from last_criteria.removed_in_order
    union all
    select
        'segment_attrition: criterion ' || criterion || ' of ' || segment || ' counts '
        || cast(users_meeting as {{ dbt.type_string() }}) || ' meeting it, '
        || cast(users_after as {{ dbt.type_string() }}) || ' after it, '
        || cast(removed_in_order as {{ dbt.type_string() }}) || ' removed in order, '
        || cast(removed_alone as {{ dbt.type_string() }}) || ' alone, ' || cast(near_misses as {{ dbt.type_string() }})
        || ' near misses. They contradict each other.' as message
    from segment_attrition
    where
        users_after != users_before - removed_in_order
        or users_meeting + removed_alone != base_users
        or not users_after between 0 and users_meeting
        or not near_misses between 0 and removed_in_order
        or removed_in_order > removed_alone
)

select * from failures
