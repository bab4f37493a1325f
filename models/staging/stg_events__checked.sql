{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('events') }}") }}

-- Every arrival is judged against the gap in the calendar, see stg_events__gap; without an arrival time the event is.
{{ segmentation.checked_input(
    'events',
    reasons={
        'no_subject': "user_id is null and anonymous_id is null",
        'from_future': "
            occurred_at > received_at + interval " ~ segmentation.setting('max_clock_skew_minutes') ~ " minute
            or " ~ segmentation.day_of('coalesce(received_at, occurred_at)') ~ " >= (select first_future_date from "
            ~ ref('stg_events__gap') ~ ")
        ",
    },
    defaults={'received_at': 'occurred_at'}
) }}
