-- The newest date is the last day that counts, and it alone is marked as the newest.
with
as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

-- Without any date there is nothing to say here: has_a_date does.
data_through as (
    select data_through from {{ ref('data_through') }}
    where exists (select as_of_dates.as_of_date from as_of_dates)
),

failures as (
    select
        'as_of_dates: data_through is ' || cast(data_through.data_through as {{ dbt.type_string() }})
        || ' and must be the only newest date, but '
        || coalesce(
            cast(as_of_dates.as_of_date as {{ dbt.type_string() }}) || ' is marked as newest, or lies after it',
            'it is not one of the dates'
        )
        || '. Look at models/activity/as_of_dates.sql.' as message
    from data_through
    left join as_of_dates on data_through.data_through <= as_of_dates.as_of_date or as_of_dates.is_newest
    where
        as_of_dates.as_of_date is distinct from data_through.data_through
        or not as_of_dates.is_newest
)

select * from failures
