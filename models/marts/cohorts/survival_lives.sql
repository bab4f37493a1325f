{%- set gap_days = segmentation.setting('survival_gap_days') %}

with
data_through as (
    select * from {{ ref('data_through') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
),

-- From when on it is known who is in which segment, and until when of which account a user is.
seen as (
    select
        user_id,
        min(as_of_date) as first_date,
        max(as_of_date) as last_date
    from user_dates
    group by user_id
),

accounts as (
    select
        seen.user_id,
        seen.first_date,
        {{ segmentation.account_key('user_dates') }} as account_key
    from seen
    inner join user_dates
        on
            seen.user_id = user_dates.user_id
            and seen.last_date = user_dates.as_of_date
),

-- A user is observed until data_through, or until the day before the deletion.
followed_users as (
    select
        users.user_id,
        accounts.account_key,
        {{ segmentation.day_of('users.signed_up_at') }} as signup_date,
        accounts.first_date,
        case
            when {{ segmentation.day_of('users.deleted_at') }} <= data_through.data_through
                then {{ segmentation.days_before(segmentation.day_of('users.deleted_at'), 1) }}
            else data_through.data_through
        end as last_date
    from users
    inner join accounts on users.user_id = accounts.user_id
    cross join data_through
),

-- The day of the signup counts as active: somebody who never did anything has the gap that follows it.
active_days as (
    select
        user_id,
        signup_date as active_date,
        last_date
    from followed_users
    union all
    select
        followed_users.user_id,
        user_days.event_date as active_date,
        followed_users.last_date
    from user_days
    inner join followed_users on user_days.user_id = followed_users.user_id
    where
        user_days.is_first_known
        and user_days.event_date > followed_users.signup_date
        and user_days.event_date <= followed_users.last_date
),

pauses as (
    select
        user_id,
        active_date,
        {{ segmentation.days_between('active_date', 'coalesce(lead(active_date) over (
            partition by user_id order by active_date
        ), ' ~ segmentation.days_before('last_date', -1) ~ ')') }} as days_to_next
    from active_days
),

-- The last day of the first gap.
gaps as (
    select
        user_id,
        min({{ segmentation.days_before('active_date', -gap_days) }}) as gap_date
    from pauses
    where days_to_next > {{ gap_days }}
    group by user_id
),

lives as (
    select
        followed_users.user_id,
        followed_users.account_key,
        cast(count(*) over (partition by followed_users.account_key) as bigint) as account_users,
        cast({{ segmentation.days_between('followed_users.signup_date', 'followed_users.first_date') }} as bigint)
            as first_day,
        cast({{ segmentation.days_between(
            'followed_users.signup_date', 'coalesce(gaps.gap_date, followed_users.last_date)'
        ) }} as bigint) as exit_day,
        cast(case when gaps.gap_date is null then 0 else 1 end as bigint) as has_gap,
        followed_users.signup_date
    from followed_users
    left join gaps on followed_users.user_id = gaps.user_id
)

select * from lives
