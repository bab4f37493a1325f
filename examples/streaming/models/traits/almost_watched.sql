-- Titles that somebody started in the 28 days to each date and did not finish within 7 days, judged when the 7 days are over.
with
started as (
    select
        user_id,
        event_date,
        json_extract_string(properties, '$.title') as title
    from {{ ref('segmentation', 'user_events') }}
    where event_name = 'play_started'
),

dates as (
    select as_of_date from {{ ref('segmentation', 'as_of_dates') }}
),

left_alone as (
    select
        started.user_id,
        started.title,
        started.event_date
    from started
    left join {{ ref('finished_plays') }} as finished
        on
            started.user_id = finished.user_id
            and started.title = finished.title
            and finished.event_date between started.event_date and started.event_date + 7
    where finished.user_id is null
)

select
    left_alone.user_id,
    count(distinct left_alone.title) as almost_watched_28d,
    dates.as_of_date
from left_alone
inner join dates on left_alone.event_date between dates.as_of_date - 27 and dates.as_of_date - 7
group by left_alone.user_id, dates.as_of_date
