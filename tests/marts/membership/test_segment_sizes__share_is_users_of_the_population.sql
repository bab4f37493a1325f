-- users, population_users and share are what counting user_segments and user_dates again gives.
with
segment_sizes as (
    select * from {{ ref('segment_sizes') }}
),

members as (
    select
        segment,
        as_of_date,
        count(distinct user_id) as user_count
    from {{ ref('user_segments') }}
    group by segment, as_of_date
),

populations as (
    select
        as_of_date,
        count(distinct user_id) as user_count
    from {{ ref('user_dates') }}
    group by as_of_date
),

failures as (
    select
        'segment_sizes: ' || segment_sizes.segment || ' on '
        || cast(segment_sizes.as_of_date as {{ dbt.type_string() }}) || ' says '
        || cast(segment_sizes.users as {{ dbt.type_string() }}) || ' of '
        || cast(segment_sizes.population_users as {{ dbt.type_string() }}) || ' users, a share of '
        || cast(segment_sizes.share as {{ dbt.type_string() }}) || '; counted again it is '
        || cast(coalesce(members.user_count, 0) as {{ dbt.type_string() }}) || ' of '
        || cast(coalesce(populations.user_count, 0) as {{ dbt.type_string() }}) || '.' as message
    from segment_sizes
    left join members
        on
            segment_sizes.segment = members.segment
            and segment_sizes.as_of_date = members.as_of_date
    left join populations on segment_sizes.as_of_date = populations.as_of_date
    where
        segment_sizes.users is distinct from coalesce(members.user_count, 0)
        or segment_sizes.population_users is distinct from populations.user_count
        or not coalesce(
            abs(segment_sizes.share - coalesce(members.user_count, 0) / cast(populations.user_count as double)) < 1e-12,
            false
        )
)

select * from failures
