-- What somebody finished: once per play. `user_events` are the checked events of the package, each with its owner and its day.
select
    user_id,
    event_date,
    json_extract_string(properties, '$.title') as title,
    json_extract_string(properties, '$.genre') as genre,
    cast(json_extract_string(properties, '$.minutes') as bigint) as minutes
from {{ ref('segmentation', 'user_events') }}
where event_name = 'play_finished'
