{{ config(
    materialized='by_date',
    reads=['population'],
    upstream=['user_segments'],
    before=['user_segments']
) }}

with
user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(before=true) }}
),

segments as (
    select * from {{ ref('segments') }}
),

as_of_dates as (
    select
        *,
        previous_as_of_date is not null as has_previous_date
    from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice() }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

populations as (
    select
        as_of_date,
        cast(count(*) as bigint) as population_users
    from user_dates
    group by as_of_date
),

-- Every member of a date, seen from that date and, as a former member, from the dates that are compared with it.
presences as (
    select
        user_segments.user_id,
        user_segments.segment,
        as_of_dates.as_of_date,
        1 as is_now,
        0 as was_before
    from user_segments
    inner join as_of_dates on user_segments.as_of_date = as_of_dates.as_of_date
    union all
    select
        user_segments.user_id,
        user_segments.segment,
        as_of_dates.as_of_date,
        0 as is_now,
        1 as was_before
    from user_segments
    inner join as_of_dates on user_segments.as_of_date = as_of_dates.previous_as_of_date
),

user_changes as (
    select
        user_id,
        segment,
        as_of_date,
        max(is_now) as is_now,
        max(was_before) as was_before
    from presences
    group by user_id, segment, as_of_date
),

counts as (
    select
        segment,
        as_of_date,
        sum(is_now) as users,
        sum(is_now * (1 - was_before)) as entered,
        sum((1 - is_now) * was_before) as exited,
        sum(is_now * was_before) as stayed
    from user_changes
    group by segment, as_of_date
),

sizes as (
    select
        segments.segment,
        cast(coalesce(counts.users, 0) as bigint) as users,
        populations.population_users,
        coalesce(counts.users, 0) / cast(nullif(populations.population_users, 0) as double) as share,
        -- There is nothing to compare the first date with.
        case when as_of_dates.has_previous_date then cast(coalesce(counts.entered, 0) as bigint) end as entered,
        case when as_of_dates.has_previous_date then cast(coalesce(counts.exited, 0) as bigint) end as exited,
        case when as_of_dates.has_previous_date then cast(coalesce(counts.stayed, 0) as bigint) end as stayed,
        as_of_dates.is_period_end,
        not as_of_dates.is_period_end as is_provisional,
        as_of_dates.as_of_date,
        as_of_dates.previous_as_of_date,
        data_through.data_through
    from as_of_dates
    cross join segments
    cross join data_through
    inner join populations on as_of_dates.as_of_date = populations.as_of_date
    left join counts
        on
            segments.segment = counts.segment
            and as_of_dates.as_of_date = counts.as_of_date
    where segments.retired_on is null or segments.retired_on >= as_of_dates.as_of_date
)

select * from sizes
