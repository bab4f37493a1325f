{{ config(materialized='when_changed', sized_by='user_segments') }}

-- Gaps and islands: within a stay, the number of the date and the number of the user's row rise together.
with
user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
    where {{ segmentation.in_part_of_users() }}
),

as_of_dates as (
    select as_of_date from {{ ref('as_of_dates') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

dates as (
    select
        as_of_date,
        lead(as_of_date) over (order by as_of_date) as next_as_of_date,
        row_number() over (order by as_of_date) as date_number
    from as_of_dates
),

numbered as (
    select
        user_segments.user_id,
        user_segments.segment,
        dates.date_number,
        dates.date_number - row_number() over (
            partition by user_segments.user_id, user_segments.segment
            order by user_segments.as_of_date
        ) as dates_missed
    from user_segments
    inner join dates on user_segments.as_of_date = dates.as_of_date
),

islands as (
    select
        user_id,
        segment,
        cast(count(*) as bigint) as dates_in,
        min(date_number) as first_date_number,
        max(date_number) as last_date_number
    from numbered
    group by user_id, segment, dates_missed
),

stays as (
    select
        islands.user_id,
        islands.segment,
        cast(row_number() over (
            partition by islands.user_id, islands.segment
            order by islands.first_date_number
        ) as bigint) as entry_number,
        islands.dates_in,
        islands.first_date_number = 1 as is_left_censored,
        last_dates.next_as_of_date is null as is_open,
        first_dates.as_of_date as entered_on,
        last_dates.next_as_of_date as exited_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from islands
    inner join dates as first_dates on islands.first_date_number = first_dates.date_number
    inner join dates as last_dates on islands.last_date_number = last_dates.date_number
    cross join data_through
)

select * from stays
