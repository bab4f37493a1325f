{{ config(
    materialized='by_date',
    reads_whole={'segments': ['segment', 'label', 'is_lifecycle', 'desirability']},
    upstream=['user_segments'],
    before=['user_segments']
) }}

with
user_lifecycle_segments as (
    select * from {{ ref('user_lifecycle_segments') }}
    where {{ segmentation.in_slice(before=true) }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where
        previous_as_of_date is not null
        and {{ segmentation.in_slice() }}
),

segments as (
    select * from {{ ref('segments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

-- Every user of a date, seen from that date and, as of before, from the dates that are compared with it.
presences as (
    select
        user_lifecycle_segments.user_id,
        cast(null as {{ dbt.type_string() }}) as from_segment,
        user_lifecycle_segments.segment as to_segment,
        as_of_dates.as_of_date
    from user_lifecycle_segments
    inner join as_of_dates on user_lifecycle_segments.as_of_date = as_of_dates.as_of_date
    union all
    select
        user_lifecycle_segments.user_id,
        user_lifecycle_segments.segment as from_segment,
        cast(null as {{ dbt.type_string() }}) as to_segment,
        as_of_dates.as_of_date
    from user_lifecycle_segments
    inner join as_of_dates on user_lifecycle_segments.as_of_date = as_of_dates.previous_as_of_date
),

moves as (
    select
        user_id,
        as_of_date,
        coalesce(max(from_segment), '__new__') as from_segment,
        coalesce(max(to_segment), '__gone__') as to_segment
    from presences
    group by user_id, as_of_date
),

counts as (
    select
        from_segment,
        to_segment,
        as_of_date,
        cast(count(*) as bigint) as users
    from moves
    group by from_segment, to_segment, as_of_date
),

directed as (
    select
        counts.from_segment,
        counts.to_segment,
        case
            when counts.from_segment = '__new__' then 'Not a user yet'
            else coalesce(from_segments.label, counts.from_segment)
        end || ' (before)' as from_label,
        case
            when counts.to_segment = '__gone__' then 'No user any more'
            else coalesce(to_segments.label, counts.to_segment)
        end || ' (after)' as to_label,
        case
            when counts.from_segment = '__new__' then 'new'
            when counts.to_segment = '__gone__' then 'gone'
            when counts.from_segment = counts.to_segment then 'same'
            when from_segments.desirability = to_segments.desirability then 'same'
            when from_segments.desirability < to_segments.desirability then 'up'
            when from_segments.desirability > to_segments.desirability then 'down'
        end as direction,
        counts.users,
        counts.users / cast(sum(counts.users) over (
            partition by counts.from_segment, counts.as_of_date
        ) as double) as share_of_from,
        not as_of_dates.is_period_end as is_provisional,
        counts.as_of_date,
        as_of_dates.previous_as_of_date,
        data_through.data_through
    from counts
    inner join as_of_dates on counts.as_of_date = as_of_dates.as_of_date
    left join segments as from_segments on counts.from_segment = from_segments.segment
    left join segments as to_segments on counts.to_segment = to_segments.segment
    cross join data_through
),

transitions as (
    select
        from_segment,
        to_segment,
        from_label,
        to_label,
        direction,
        users,
        share_of_from,
        cast(sum(case direction when 'up' then users when 'down' then -users else 0 end) over by_date as double)
        / nullif(sum(case when direction in ('up', 'down') then users else 0 end) over by_date, 0) as net_upward_share,
        is_provisional,
        as_of_date,
        previous_as_of_date,
        data_through
    from directed
    window by_date as (partition by as_of_date)
)

select * from transitions
