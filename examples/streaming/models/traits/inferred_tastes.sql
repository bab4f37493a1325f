-- The genre with the most minutes in the 91 days to each date; of equals the first by name.
with
minutes_by_genre as (
    select
        plays.user_id,
        plays.genre,
        sum(plays.minutes) as minutes,
        dates.as_of_date
    from {{ ref('finished_plays') }} as plays
    inner join {{ ref('segmentation', 'as_of_dates') }} as dates
        on plays.event_date between dates.as_of_date - 90 and dates.as_of_date
    group by plays.user_id, plays.genre, dates.as_of_date
)

select
    user_id,
    genre as inferred_taste,
    as_of_date
from minutes_by_genre
qualify row_number() over (partition by user_id, as_of_date order by minutes desc, genre) = 1
