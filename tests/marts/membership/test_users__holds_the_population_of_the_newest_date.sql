-- users has everybody in the population of the newest date, and each with the segments of user_segments.
with
users as (
    select * from {{ ref('users') }}
),

user_dates as (
    select user_dates.*
    from {{ ref('user_dates') }} as user_dates
    inner join {{ ref('data_through') }} as data_through on user_dates.as_of_date = data_through.data_through
),

segment_counts as (
    select
        user_segments.user_id,
        count(*) as segment_count
    from {{ ref('user_segments') }} as user_segments
    inner join {{ ref('data_through') }} as data_through on user_segments.as_of_date = data_through.data_through
    group by user_segments.user_id
),

failures as (
    select
        case
            when users.user_id is null then 'users lacks user ' || user_dates.user_id
            when user_dates.user_id is null
                then 'users has user ' || users.user_id || ', who is not in the population of the newest date'
            else
                'users gives user ' || users.user_id || ' ' || cast(users.segment_count as {{ dbt.type_string() }})
                || ' segments (' || users.segments || '), user_segments '
                || cast(coalesce(segment_counts.segment_count, 0) as {{ dbt.type_string() }})
        end
        || '. Run dbt build -s +users.' as message
    from users
    full outer join user_dates on users.user_id = user_dates.user_id
    left join segment_counts on users.user_id = segment_counts.user_id
    where
        users.user_id is null
        or user_dates.user_id is null
        or users.segment_count is distinct from coalesce(segment_counts.segment_count, 0)
        or (users.segments = '') != (users.segment_count = 0)
)

select * from failures
