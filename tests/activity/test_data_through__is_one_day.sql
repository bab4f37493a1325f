-- There is exactly one last day that counts: every mart is joined with it.
with
day_counts as (
    select count(*) as day_count from {{ ref('data_through') }}
),

failures as (
    select
        'data_through has ' || cast(day_count as {{ dbt.type_string() }}) || ' rows and must have one: every mart is'
        || ' joined with it. Look at what models/activity/data_through.sql groups by.' as message
    from day_counts
    where day_count != 1
)

select * from failures
