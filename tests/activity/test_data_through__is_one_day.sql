-- There is exactly one last day that counts, since every mart is joined with it; none if no event ever arrived.
with
day_counts as (
    select count(*) as day_count from {{ ref('data_through') }}
),

arrivals as (
    select count(received_at) as arrived from {{ ref('stg_events') }}
),

failures as (
    select
        'data_through has ' || cast(day_counts.day_count as {{ dbt.type_string() }})
        || ' rows and must have one: every mart is joined with it. '
        || 'Look at what models/activity/data_through.sql groups by.' as message
    from day_counts
    cross join arrivals
    where day_counts.day_count != case when arrivals.arrived > 0 then 1 else 0 end
)

select * from failures
