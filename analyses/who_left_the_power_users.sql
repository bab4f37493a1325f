-- Users who were power users at the last period end and are none today, with what they did lately.
with
as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

users as (
    select * from {{ ref('users') }}
),

members_before as (
    select user_segments.user_id
    from as_of_dates
    inner join user_segments on as_of_dates.previous_as_of_date = user_segments.as_of_date
    where
        as_of_dates.is_newest
        and user_segments.segment = 'power_users'
),

members_today as (
    select user_segments.user_id
    from as_of_dates
    inner join user_segments on as_of_dates.as_of_date = user_segments.as_of_date
    where
        as_of_dates.is_newest
        and user_segments.segment = 'power_users'
),

leavers as (
    select
        users.user_id,
        users.active_days_28d,
        users.active_days_previous_28d,
        users.distinct_features_28d,
        users.days_since_last_seen
    from members_before
    inner join users on members_before.user_id = users.user_id
    left join members_today on members_before.user_id = members_today.user_id
    where members_today.user_id is null
)

select * from leavers
