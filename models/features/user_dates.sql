-- The population: who is a user on which date, and of which account then. A view: it is a join of small relations.
{{ config(materialized='view') }}

with
users as (
    select * from {{ ref('stg_users') }}
),

user_accounts as (
    select * from {{ ref('user_accounts') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

population as (
    select
        users.user_id,
        user_accounts.account_id,
        {{ segmentation.days_between(segmentation.day_of('users.signed_up_at'), 'as_of_dates.as_of_date') }}
            as tenure_days,
        {{ segmentation.day_of('users.signed_up_at') }} as signup_date,
        as_of_dates.as_of_date
    from users
    inner join user_accounts on users.user_id = user_accounts.user_id
    inner join as_of_dates
        on
            {{ segmentation.day_of('users.signed_up_at') }} <= as_of_dates.as_of_date
            and (users.deleted_at is null or {{ segmentation.day_of('users.deleted_at') }} > as_of_dates.as_of_date)
            and {{ segmentation.holds_on('user_accounts', 'as_of_dates.as_of_date') }}
)

select * from population
