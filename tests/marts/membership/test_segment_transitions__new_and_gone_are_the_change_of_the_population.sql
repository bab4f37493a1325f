-- Who comes from __new__ or goes to __gone__ is who joined or left the population, and the shares of a segment are 1.
with
segment_transitions as (
    select * from {{ ref('segment_transitions') }}
),

user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
),

compared_dates as (
    select * from {{ ref('as_of_dates') }}
    where previous_as_of_date is not null
),

populations as (
    select
        compared_dates.as_of_date,
        sum(case when earlier.user_id is null then 1 else 0 end) as joined
    from compared_dates
    inner join user_dates as now on compared_dates.as_of_date = now.as_of_date
    left join user_dates as earlier
        on
            now.user_id = earlier.user_id
            and compared_dates.previous_as_of_date = earlier.as_of_date
    group by compared_dates.as_of_date
),

departures as (
    select
        compared_dates.as_of_date,
        sum(case when now.user_id is null then 1 else 0 end) as departed_users
    from compared_dates
    inner join user_dates as earlier on compared_dates.previous_as_of_date = earlier.as_of_date
    left join user_dates as now
        on
            earlier.user_id = now.user_id
            and compared_dates.as_of_date = now.as_of_date
    group by compared_dates.as_of_date
),

totals as (
    select
        as_of_date,
        sum(case when from_segment = '__new__' then users else 0 end) as new_users,
        sum(case when to_segment = '__gone__' then users else 0 end) as gone_users,
        sum(share_of_from) as share_total,
        count(distinct from_segment) as from_segments
    from segment_transitions
    group by as_of_date
),

failures as (
    select
        'segment_transitions: on ' || cast(totals.as_of_date as {{ dbt.type_string() }}) || ' '
        || cast(totals.new_users as {{ dbt.type_string() }}) || ' users come from __new__ and '
        || cast(totals.gone_users as {{ dbt.type_string() }}) || ' go to __gone__; '
        || cast(coalesce(populations.joined, 0) as {{ dbt.type_string() }}) || ' joined the population and '
        || cast(coalesce(departures.departed_users, 0) as {{ dbt.type_string() }})
        || ' left it. Shares must add up to 1 per from_segment.' as message
    from totals
    left join populations on totals.as_of_date = populations.as_of_date
    left join departures on totals.as_of_date = departures.as_of_date
    where
        totals.new_users != coalesce(populations.joined, 0)
        or totals.gone_users != coalesce(departures.departed_users, 0)
        or abs(totals.share_total - totals.from_segments) > 1e-9
)

select * from failures
