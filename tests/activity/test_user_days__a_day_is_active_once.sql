-- Of the rows of one user and day exactly one makes the day an active day: the one that was known first.
with
days as (
    select
        user_id,
        event_date,
        sum(case when is_first_known then 1 else 0 end) as first_rows,
        min(known_date) as first_known_date,
        min(case when is_first_known then known_date end) as marked_known_date
    from {{ ref('user_days') }}
    group by user_id, event_date
),

failures as (
    select
        'user_days: user ' || user_id || ' on ' || cast(event_date as {{ dbt.type_string() }}) || ' has '
        || cast(first_rows as {{ dbt.type_string() }})
        || ' rows with is_first_known, and one must have it: the one known first. Active days would be counted wrongly;'
        || ' look at models/activity/user_days.sql.' as message
    from days
    where first_rows != 1 or marked_known_date is distinct from first_known_date
)

select * from failures
