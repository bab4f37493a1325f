-- stayed counts the users who have a row on both dates: the sums alone would hold with everybody leaving and entering.
with
segment_sizes as (
    select * from {{ ref('segment_sizes') }}
    where previous_as_of_date is not null
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

members_of_both as (
    select
        now.segment,
        now.as_of_date,
        count(*) as users
    from user_segments as now
    inner join as_of_dates on now.as_of_date = as_of_dates.as_of_date
    inner join user_segments as earlier
        on
            now.user_id = earlier.user_id
            and now.segment = earlier.segment
            and as_of_dates.previous_as_of_date = earlier.as_of_date
    group by now.segment, now.as_of_date
),

failures as (
    select
        'segment_sizes: ' || coalesce(cast(segment_sizes.stayed as {{ dbt.type_string() }}), 'NULL')
        || ' users stayed in ' || segment_sizes.segment || ' by '
        || cast(segment_sizes.as_of_date as {{ dbt.type_string() }}) || '; user_segments has '
        || cast(coalesce(members_of_both.users, 0) as {{ dbt.type_string() }}) || ' on both dates.' as message
    from segment_sizes
    left join members_of_both
        on
            segment_sizes.segment = members_of_both.segment
            and segment_sizes.as_of_date = members_of_both.as_of_date
    where segment_sizes.stayed is distinct from coalesce(members_of_both.users, 0)
)

select * from failures
