-- Which dates exist depends on the data and the variables alone, never on when a build ran.
with
data_through as (
    select * from {{ ref('data_through') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

signup_days as (
    select
        {{ segmentation.day_of('users.signed_up_at') }} as signup_date,
        count(*) as day_users
    from users
    inner join data_through on {{ segmentation.day_of('users.signed_up_at') }} <= data_through.data_through
    group by {{ segmentation.day_of('users.signed_up_at') }}
),

-- A few users who are years older than all others have no dates of their own.
{{ segmentation.first_sure_dates('first_signups', 'signup_days', 'signup_date', 'day_users') }},

bounds as (
    select
        data_through.data_through as newest_date,
        {{ segmentation.closed_through('data_through') }} as closed_date,
        first_signups.first_date as first_signup_date
    from data_through
    cross join first_signups
),

calendar as (
    {{ segmentation.date_series(
        '(select first_signup_date from bounds)', '(select newest_date from bounds)'
    ) }}
),

period_ends as (
    select
        calendar.series_date as as_of_date,
        row_number() over (order by calendar.series_date desc) as periods_back
    from calendar
    cross join bounds
    where
        {{ segmentation.is_period_end('calendar.series_date') }}
        and calendar.series_date <= bounds.closed_date
),

kept_period_ends as (
    select period_ends.as_of_date
    from period_ends
    cross join bounds
    where
        period_ends.periods_back <= {{ segmentation.setting('history_periods') }}
        + case when {{ segmentation.is_period_end('bounds.closed_date') }} then 1 else 0 end
),

dates as (
    select as_of_date from kept_period_ends
    union
    select newest_date as as_of_date from bounds
    where first_signup_date is not null
    union
    -- A running day comes beside the last one that is complete.
    select closed_date as as_of_date from bounds
    where first_signup_date <= closed_date
    {%- for extra_date in segmentation.setting('extra_as_of_dates') %}
    union
    select cast('{{ extra_date }}' as date) as as_of_date from bounds
    where cast('{{ extra_date }}' as date) between first_signup_date and newest_date
    {%- endfor %}
),

ended as (
    select
        dates.as_of_date,
        {{ segmentation.is_period_end('dates.as_of_date') }} and dates.as_of_date <= bounds.closed_date as is_period_end
    from dates
    cross join bounds
),

labelled as (
    select
        dates.as_of_date,
        -- The previous period end among the dates that are kept; of the newest date, the last period end.
        max(case when dates.is_period_end then dates.as_of_date end) over (
            order by dates.as_of_date
            rows between unbounded preceding and 1 preceding
        ) as previous_as_of_date,
        dates.is_period_end,
        dates.as_of_date = bounds.newest_date as is_newest,
        dates.as_of_date > bounds.closed_date as is_running
    from ended as dates
    cross join bounds
)

select * from labelled
