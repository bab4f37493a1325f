-- Users who were power users at the last period end and are none today, with the criterion that they no longer meet.
with
as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

power_users as (
    select * from {{ ref('power_users') }}
),

newest as (
    select *
    from as_of_dates
    where is_newest
),

leavers as (
    select
        today.user_id,
        today.habitual,
        today.broad,
        today.as_of_date
    from newest
    inner join power_users as today on newest.as_of_date = today.as_of_date
    inner join power_users as earlier
        on
            newest.previous_as_of_date = earlier.as_of_date
            and today.user_id = earlier.user_id
    where earlier.is_member and not today.is_member
)

select * from leavers
