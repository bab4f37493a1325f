-- Minutes of what was finished in the 28 days to each date.
select
    plays.user_id,
    cast(sum(plays.minutes) as bigint) as minutes_28d,
    dates.as_of_date
from {{ ref('finished_plays') }} as plays
inner join {{ ref('segmentation', 'as_of_dates') }} as dates
    on plays.event_date between dates.as_of_date - 27 and dates.as_of_date
group by plays.user_id, dates.as_of_date
