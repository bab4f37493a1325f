-- The lifecycle holds everybody once on every date. An overlap or a gap skips everything that reads it. Without a
-- lifecycle there is nothing to check.
with
user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
),

lifecycle_segments as (
    select segment from {{ ref('segments') }}
    where is_lifecycle
),

all_lifecycle as (
    select
        count(*) as segment_count,
        {{ dbt.listagg('segment', "', '", 'order by segment') }} as segments
    from lifecycle_segments
),

memberships as (
    select
        user_segments.user_id,
        user_segments.segment,
        user_segments.as_of_date
    from {{ ref('user_segments') }} as user_segments
    inner join lifecycle_segments on user_segments.segment = lifecycle_segments.segment
),

counts as (
    select
        user_dates.user_id,
        user_dates.as_of_date,
        count(memberships.segment) as segment_count
    from user_dates
    left join memberships
        on
            user_dates.user_id = memberships.user_id
            and user_dates.as_of_date = memberships.as_of_date
    group by user_dates.user_id, user_dates.as_of_date
),

wrong as (
    select counts.*
    from counts
    cross join all_lifecycle
    where counts.segment_count != 1 and all_lifecycle.segment_count > 0
),

-- '' is a gap.
wrong_sets as (
    select
        wrong.user_id,
        wrong.as_of_date,
        coalesce({{ dbt.listagg('memberships.segment', "', '", 'order by memberships.segment') }}, '') as segments
    from wrong
    left join memberships
        on
            wrong.user_id = memberships.user_id
            and wrong.as_of_date = memberships.as_of_date
    group by wrong.user_id, wrong.as_of_date
),

per_date as (
    select
        segments,
        as_of_date,
        cast(count(*) as {{ dbt.type_string() }}) as users,
        min(user_id) as first_user_id
    from wrong_sets
    group by segments, as_of_date
),

placed as (
    select
        *,
        count(*) over (partition by segments) as date_count,
        row_number() over (partition by segments order by as_of_date desc) as place
    from per_date
),

failures as (
    select
        case
            when placed.segments = ''
                then
                    'The lifecycle leaves a gap: ' || placed.users || ' users are in none of '
                    || all_lifecycle.segments
            else 'The lifecycle overlaps: ' || placed.users || ' users are in each of ' || placed.segments
        end
        || ' on ' || cast(placed.as_of_date as {{ dbt.type_string() }}) || ', for instance user '
        || placed.first_user_id || case
            when placed.date_count > 1
                then '; ' || cast(placed.date_count as {{ dbt.type_string() }}) || ' dates have such users'
            else ''
        end
        || '. On every date each user must be in exactly one segment of the lifecycle:'
        || ' change the criteria, or `lifecycle` of a segment.' as message
    from placed
    cross join all_lifecycle
    where placed.place = 1
)

select * from failures
