-- The stays, expanded to the dates they cover, are user_segments: no row more, none less, none twice.
with
segment_memberships as (
    select * from {{ ref('segment_memberships') }}
),

as_of_dates as (
    select as_of_date from {{ ref('as_of_dates') }}
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
),

compared as (
    select
        segment_memberships.user_id,
        segment_memberships.segment,
        as_of_dates.as_of_date,
        1 as in_stays,
        0 as in_table
    from segment_memberships
    inner join as_of_dates
        on
            segment_memberships.entered_on <= as_of_dates.as_of_date
            and (segment_memberships.exited_on is null or segment_memberships.exited_on > as_of_dates.as_of_date)
    union all
    select
        user_id,
        segment,
        as_of_date,
        0 as in_stays,
        1 as in_table
    from user_segments
),

sums as (
    select
        user_id,
        segment,
        as_of_date,
        sum(in_stays) as stays,
        sum(in_table) as table_rows
    from compared
    group by user_id, segment, as_of_date
),

failures as (
    select
        'segment_memberships: ' || cast(stays as {{ dbt.type_string() }}) || ' stays of user ' || user_id || ' in '
        || segment || ' cover ' || cast(as_of_date as {{ dbt.type_string() }}) || ', where user_segments has '
        || cast(table_rows as {{ dbt.type_string() }}) || ' rows. Run dbt build -s +segment_memberships.' as message
    from sums
    where stays != table_rows or stays != 1
)

select * from failures
