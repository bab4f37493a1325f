-- users = entered + stayed on every date but the first, where all of entered, exited and stayed are NULL.
with
segment_sizes as (
    select * from {{ ref('segment_sizes') }}
),

failures as (
    select
        'segment_sizes: ' || segment || ' has ' || cast(users as {{ dbt.type_string() }}) || ' users on '
        || cast(as_of_date as {{ dbt.type_string() }}) || ', of whom '
        || coalesce(cast(entered as {{ dbt.type_string() }}), 'NULL') || ' entered and '
        || coalesce(cast(stayed as {{ dbt.type_string() }}), 'NULL') || ' stayed since '
        || coalesce(cast(previous_as_of_date as {{ dbt.type_string() }}), 'no date')
        || '. They must add up, and be NULL on the first date only.' as message
    from segment_sizes
    where
        case
            when previous_as_of_date is null
                then entered is not null or exited is not null or stayed is not null
            else not coalesce(users = entered + stayed and entered >= 0 and stayed >= 0 and exited >= 0, false)
        end
)

select * from failures
