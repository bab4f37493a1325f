-- The same for the members that each segment has on the newest date, and for everybody: people, minutes, and the genre that most of
-- them watched most.
with
members as (
    select segment, user_id
    from {{ ref('segmentation', 'user_segments') }}
    where {{ segmentation.at_newest_date() }}
    union all
    select '__all__' as segment, user_id
    from {{ ref('segmentation', 'users') }}
),

years as (
    select
        members.segment,
        review.*
    from members
    inner join {{ ref('year_in_review') }} as review on members.user_id = review.user_id
)

select
    segment,
    year,
    count(*) as users,
    cast(sum(minutes) as bigint) as minutes,
    cast(sum(minutes) as double) / count(*) as minutes_per_user,
    mode(top_genre order by top_genre) as top_genre
from years
group by segment, year
