-- What somebody watched in a calendar year, for a page that says so: most watched genre and title, minutes, days.
with
plays as (
    select
        *,
        extract(year from event_date) as year
    from {{ ref('finished_plays') }}
),

by_genre as (
    select user_id, year, genre
    from plays
    group by user_id, year, genre
    qualify row_number() over (partition by user_id, year order by sum(minutes) desc, genre) = 1
),

by_title as (
    select user_id, year, title
    from plays
    group by user_id, year, title
    qualify row_number() over (partition by user_id, year order by count(*) desc, sum(minutes) desc, title) = 1
)

select
    plays.user_id,
    plays.year,
    by_genre.genre as top_genre,
    by_title.title as top_title,
    count(*) as plays,
    count(distinct plays.event_date) as days,
    cast(sum(plays.minutes) as bigint) as minutes
from plays
inner join by_genre on plays.user_id = by_genre.user_id and plays.year = by_genre.year
inner join by_title on plays.user_id = by_title.user_id and plays.year = by_title.year
group by plays.user_id, plays.year, by_genre.genre, by_title.title
