-- Whoever is in a segment on a date is in the population of that date.
with
user_segments as (
    select * from {{ ref('user_segments') }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
),

failures as (
    select
        'user_segments: user ' || user_segments.user_id || ' is in ' || user_segments.segment || ' on '
        || cast(user_segments.as_of_date as {{ dbt.type_string() }})
        || ', but not in user_dates then. A segment must return rows of user_features only.' as message
    from user_segments
    left join user_dates
        on
            user_segments.user_id = user_dates.user_id
            and user_segments.as_of_date = user_dates.as_of_date
    where user_dates.user_id is null
)

select * from failures
