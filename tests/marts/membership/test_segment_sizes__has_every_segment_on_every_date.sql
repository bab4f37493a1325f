-- Every segment has a row on every date up to its retirement, also where it is empty: a chart must not skip a zero.
with
expected as (
    select
        segments.segment,
        as_of_dates.as_of_date
    from {{ ref('segments') }} as segments
    cross join {{ ref('as_of_dates') }} as as_of_dates
    where segments.retired_on is null or segments.retired_on >= as_of_dates.as_of_date
),

segment_sizes as (
    select * from {{ ref('segment_sizes') }}
),

failures as (
    select
        'segment_sizes: ' || coalesce(expected.segment, segment_sizes.segment) || ' on '
        || cast(coalesce(expected.as_of_date, segment_sizes.as_of_date) as {{ dbt.type_string() }})
        || case when expected.segment is null then ' should not be there' else ' is missing' end
        || '. An inner join on members loses empty segments; '
        || 'look at models/marts/membership/segment_sizes.sql.' as message
    from expected
    full outer join segment_sizes
        on
            expected.segment = segment_sizes.segment
            and expected.as_of_date = segment_sizes.as_of_date
    where expected.segment is null or segment_sizes.segment is null
)

select * from failures
