{{ config(
    materialized='by_date',
    reads=['population', 'activity'],
    upstream=['user_segments'],
    before=['user_segments']
) }}
{%- set classes = ['retained', 'new', 'resurrected', 'moved_in', 'churned', 'moved_out'] %}
{%- set grain = segmentation.setting('as_of_grain') %}
{%- if grain == 'month' %}
{%- set period_earlier = 'cast(' ~ dbt.dateadd('month', -1, 'as_of_date') ~ ' as date)' %}
{%- else %}
{%- set period_earlier = segmentation.days_before('as_of_date', 7 if grain == 'week' else 1) %}
{%- endif %}

-- A member of a date counts if active in the period that ends with it. Two such sets of users, of a date and of the
-- period end before it, differ by users who each belong to exactly one class: so the sums are exact.
with
data_through as (
    select * from {{ ref('data_through') }}
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(before=true) }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice(before=true) }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

segments as (
    select
        segment,
        retired_on
    from {{ ref('segments') }}
    union all
    select
        '__all__' as segment,
        cast(null as date) as retired_on
),

-- A whole period for every date: for the newest one and extra dates as many days back as a period has.
periods as (
    select
        as_of_date,
        previous_as_of_date,
        is_period_end,
        case
            when is_period_end then {{ segmentation.period_start('as_of_date') }}
            else {{ segmentation.days_before(period_earlier, -1) }}
        end as period_start_date
    from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice(before=true) }}
),

compared_dates as (
    select * from periods
    where
        previous_as_of_date is not null
        and {{ segmentation.in_slice() }}
),

calendar as (
    {{ segmentation.date_series(
        '(select min(period_start_date) from periods)', '(select max(as_of_date) from periods)'
    ) }}
),

period_days as (
    select
        calendar.series_date as event_date,
        periods.as_of_date
    from calendar
    inner join periods on calendar.series_date between periods.period_start_date and periods.as_of_date
),

-- As it was known on the date, so that a link made later rewrites no closed period.
active_users as (
    select
        user_days.user_id,
        period_days.as_of_date
    from user_days
    inner join period_days
        on
            user_days.event_date = period_days.event_date
            and user_days.known_date <= period_days.as_of_date
    group by user_days.user_id, period_days.as_of_date
),

active_members as (
    select
        user_segments.user_id,
        user_segments.segment,
        user_segments.as_of_date
    from user_segments
    inner join active_users
        on
            user_segments.user_id = active_users.user_id
            and user_segments.as_of_date = active_users.as_of_date
    union all
    select
        user_dates.user_id,
        '__all__' as segment,
        user_dates.as_of_date
    from user_dates
    inner join active_users
        on
            user_dates.user_id = active_users.user_id
            and user_dates.as_of_date = active_users.as_of_date
),

-- Every active member of a date, seen from that date and, as of before, from the dates that are compared with it.
presences as (
    select
        active_members.user_id,
        active_members.segment,
        1 as is_now,
        0 as was_before,
        compared_dates.as_of_date,
        compared_dates.previous_as_of_date
    from active_members
    inner join compared_dates on active_members.as_of_date = compared_dates.as_of_date
    union all
    select
        active_members.user_id,
        active_members.segment,
        0 as is_now,
        1 as was_before,
        compared_dates.as_of_date,
        compared_dates.previous_as_of_date
    from active_members
    inner join compared_dates on active_members.as_of_date = compared_dates.previous_as_of_date
),

changes as (
    select
        user_id,
        segment,
        max(is_now) = 1 as is_now,
        max(was_before) = 1 as was_before,
        as_of_date,
        previous_as_of_date
    from presences
    group by user_id, segment, as_of_date, previous_as_of_date
),

classified as (
    select
        changes.segment,
        case
            when changes.is_now and changes.was_before then 'retained'
            when changes.is_now and user_dates.signup_date > changes.previous_as_of_date then 'new'
            when changes.is_now and active_before.user_id is null then 'resurrected'
            when changes.is_now then 'moved_in'
            -- Not active any more, or not a user any more.
            when active_now.user_id is null or user_dates.user_id is null then 'churned'
            else 'moved_out'
        end as way,
        changes.as_of_date
    from changes
    left join user_dates
        on
            changes.user_id = user_dates.user_id
            and changes.as_of_date = user_dates.as_of_date
    left join active_users as active_now
        on
            changes.user_id = active_now.user_id
            and changes.as_of_date = active_now.as_of_date
    left join active_users as active_before
        on
            changes.user_id = active_before.user_id
            and changes.previous_as_of_date = active_before.as_of_date
),

counts as (
    select
        segment,
        {%- for class in classes %}
        sum(case when way = '{{ class }}' then 1 else 0 end) as {{ class }},
        {%- endfor %}
        as_of_date
    from classified
    group by segment, as_of_date
),

filled as (
    select
        segments.segment,
        {%- for class in classes %}
        cast(coalesce(counts.{{ class }}, 0) as bigint) as {{ class }},
        {%- endfor %}
        compared_dates.is_period_end,
        compared_dates.period_start_date,
        compared_dates.as_of_date,
        compared_dates.previous_as_of_date,
        data_through.data_through
    from compared_dates
    cross join segments
    cross join data_through
    left join counts
        on
            segments.segment = counts.segment
            and compared_dates.as_of_date = counts.as_of_date
    where segments.retired_on is null or segments.retired_on >= compared_dates.as_of_date
),

accounting as (
    select
        segment,
        retained + churned + moved_out as previous_active_users,
        new as new_users,
        resurrected as resurrected_users,
        moved_in as moved_in_users,
        churned as churned_users,
        moved_out as moved_out_users,
        retained as retained_users,
        retained + new + resurrected + moved_in as active_users,
        (new + resurrected) / cast(nullif(churned, 0) as double) as quick_ratio,
        not is_period_end as is_provisional,
        period_start_date,
        as_of_date,
        previous_as_of_date,
        data_through
    from filled
)

select * from accounting
