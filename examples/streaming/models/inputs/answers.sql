-- The input `survey_responses`: each question is a trait, so the instrument is `attribute`.
select
    viewer || ' ' || question as response_id,
    viewer as user_id,
    'welcome' as survey,
    'attribute' as instrument,
    question,
    answer,
    null as score,
    moment as responded_at
from {{ ref('raw_answers') }}
