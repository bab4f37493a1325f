-- A date is compared with the last period end before it that is kept, and only with that one.
with
as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

expected as (
    select
        as_of_dates.as_of_date,
        max(earlier.as_of_date) as previous_as_of_date
    from as_of_dates
    left join as_of_dates as earlier
        on
            as_of_dates.as_of_date > earlier.as_of_date
            and earlier.is_period_end
    group by as_of_dates.as_of_date
),

failures as (
    select
        'as_of_dates: ' || cast(as_of_dates.as_of_date as {{ dbt.type_string() }}) || ' is compared with '
        || coalesce(cast(as_of_dates.previous_as_of_date as {{ dbt.type_string() }}), 'no date') || ', but the last'
        || ' period end before it is '
        || coalesce(cast(expected.previous_as_of_date as {{ dbt.type_string() }}), 'none')
        || '. Entered and left users would be wrong; look at models/activity/as_of_dates.sql.' as message
    from as_of_dates
    inner join expected on as_of_dates.as_of_date = expected.as_of_date
    where as_of_dates.previous_as_of_date is distinct from expected.previous_as_of_date
)

select * from failures
