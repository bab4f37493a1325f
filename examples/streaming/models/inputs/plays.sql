-- The input `events`: one event when a title is started, one when it is finished.
select
    play as event_id,
    viewer as user_id,
    null as anonymous_id,
    'play_' || what as event_name,
    moment as occurred_at,
    null as received_at,
    null as session_id,
    device as device_type,
    null as os,
    null as app_version,
    null as country,
    null as channel,
    to_json({'title': title, 'genre': genre, 'minutes': try_cast(minutes as bigint)}) as properties
from {{ ref('raw_plays') }}
