{{ config(materialized='ephemeral') }}
{%- set valid_days = segmentation.setting('survey_valid_days') %}

{%- set needs = ['interests', 'values', 'lifestyle', 'personality', 'primary_need'] %}
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

notes as (
    select * from {{ ref('stg_interview_notes') }}
),

key_events as (
    select * from {{ ref('user_key_events') }}
    where {{ segmentation.in_slice() }}
),

dates as (
    select distinct as_of_date from spine
),

-- Of a user who was merged by then, it is the survivor's.
answers as (
    select
        coalesce(user_merges.survivor_id, responses.user_id) as user_id,
        case when responses.instrument = 'attribute' then responses.question else responses.instrument end as topic,
        lower(responses.answer) as answer,
        responses.score,
        dates.as_of_date,
        row_number() over (
            partition by
                coalesce(user_merges.survivor_id, responses.user_id),
                case when responses.instrument = 'attribute' then responses.question else responses.instrument end,
                dates.as_of_date
            order by responses.responded_at desc, responses.response_id desc
        ) as place
    from responses
    inner join dates
        on {{ segmentation.in_window(segmentation.day_of('responses.responded_at'), 'dates.as_of_date', valid_days) }}
    {{ segmentation.join_merges('responses', 'dates.as_of_date') }}
    where
        case when responses.instrument in ('nps', 'csat', 'ces') then responses.score is not null else responses.answer is not null end
        and responses.instrument in ('nps', 'csat', 'ces', 'attribute')
),

latest_answers as (
    select
        user_id,
        max(case when topic = 'nps' then score end) as nps_score,
        max(case when topic = 'csat' then score end) as csat_score,
        max(case when topic = 'ces' then score end) as ces_score,
        {%- for need in needs %}
        max(case when topic = '{{ need }}' then answer end) as {{ need }},
        {%- endfor %}
        as_of_date
    from answers
    where place = 1
    group by user_id, as_of_date
),

last_surveys as (
    select
        coalesce(user_merges.survivor_id, responses.user_id) as user_id,
        max({{ segmentation.day_of('responses.responded_at') }}) as last_survey_date,
        dates.as_of_date
    from responses
    inner join dates on {{ segmentation.day_of('responses.responded_at') }} <= dates.as_of_date
    {{ segmentation.join_merges('responses', 'dates.as_of_date') }}
    group by coalesce(user_merges.survivor_id, responses.user_id), dates.as_of_date
),

sentiments as (
    select
        coalesce(user_merges.survivor_id, notes.user_id) as user_id,
        notes.sentiment,
        dates.as_of_date,
        row_number() over (
            partition by coalesce(user_merges.survivor_id, notes.user_id), dates.as_of_date
            order by notes.noted_at desc, notes.note_id desc
        ) as place
    from notes
    inner join dates
        on {{ segmentation.in_window(segmentation.day_of('notes.noted_at'), 'dates.as_of_date', valid_days) }}
    {{ segmentation.join_merges('notes', 'dates.as_of_date') }}
),

feature_categories as (
    select
        user_id,
        count_91d,
        case event_name
            {%- for event in segmentation.listed_events() if event.is_feature and event.category %}
            when {{ segmentation.text_literal(event.name) }} then {{ segmentation.text_literal(event.category) }}
            {%- else %}
            when '' then ''
            {%- endfor %}
        end as category,
        as_of_date
    from key_events
    where as_of_date in (select as_of_date from dates)
),

affinities as (
    select
        user_id,
        category,
        as_of_date,
        row_number() over (
            partition by user_id, as_of_date
            order by sum(count_91d) desc, category
        ) as place
    from feature_categories
    where category is not null
    group by user_id, category, as_of_date
),

psychographics as (
    select
        spine.user_id,
        case
            when latest_answers.nps_score >= 9 then 'promoter'
            when latest_answers.nps_score >= 7 then 'passive'
            when latest_answers.nps_score is not null then 'detractor'
        end as nps_category,
        sentiments.sentiment,
        {%- for need in needs %}
        latest_answers.{{ need }},
        {%- endfor %}
        affinities.category as inferred_affinity,
        latest_answers.nps_score,
        latest_answers.csat_score,
        latest_answers.ces_score,
        {{ segmentation.days_between('last_surveys.last_survey_date', 'spine.as_of_date') }} as days_since_survey,
        spine.as_of_date
    from spine
    left join latest_answers
        on
            spine.user_id = latest_answers.user_id
            and spine.as_of_date = latest_answers.as_of_date
    left join last_surveys
        on
            spine.user_id = last_surveys.user_id
            and spine.as_of_date = last_surveys.as_of_date
    left join sentiments
        on
            spine.user_id = sentiments.user_id
            and spine.as_of_date = sentiments.as_of_date
            and sentiments.place = 1
    left join affinities
        on
            spine.user_id = affinities.user_id
            and spine.as_of_date = affinities.as_of_date
            and affinities.place = 1
)

select * from psychographics
