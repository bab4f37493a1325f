-- stayed + exited are the users of the segment at previous_as_of_date.
with
segment_sizes as (
    select * from {{ ref('segment_sizes') }}
),

failures as (
    select
        'segment_sizes: ' || now.segment || ' had '
        || coalesce(cast(earlier.users as {{ dbt.type_string() }}), 'no row of') || ' users on '
        || cast(now.previous_as_of_date as {{ dbt.type_string() }}) || ', of whom by '
        || cast(now.as_of_date as {{ dbt.type_string() }}) || ' '
        || coalesce(cast(now.stayed as {{ dbt.type_string() }}), 'NULL') || ' stayed and '
        || coalesce(cast(now.exited as {{ dbt.type_string() }}), 'NULL') || ' left. They must add up.' as message
    from segment_sizes as now
    left join segment_sizes as earlier
        on
            now.segment = earlier.segment
            and now.previous_as_of_date = earlier.as_of_date
    where
        now.previous_as_of_date is not null
        and (now.stayed + now.exited) is distinct from earlier.users
)

select * from failures
