{{ config(enabled=gives('surveymonkey', 'survey_responses')) }}

-- One row per answer: of the pages within a response, or of Fivetran's response_answer. A choice is an id; its text and its weight are in the
-- questions. A score is the number of the choice's text, else its weight, if that is a scale; of a question on recommending the place of the
-- choice less one. Empty texts are nobody's id.
{%- set setting = connector_setting('surveymonkey') or {'options': {}} %}
{%- set zone = setting.options.timezone %}
{%- set key = setting.options.get('user_key') or 'user_id' %}
{%- set statuses = setting.options.get('statuses') or ['completed'] %}
with
responses as (
    {{ source_table('surveymonkey', 'responses', {
        'id': 'id', 'survey_id': 'survey_id', 'status': 'response_status', 'metadata_id': ['custom_variables.' ~ key], 'custom_value': 'custom_value',
        'email': ['email_address', 'recipient_email'],
        'said': ['date_modified', 'updated_at', 'date_created', 'created_at'], 'pages': 'pages',
    }, key=['id'], newest_by=['said']) }}
),

answer_rows as (
    {{ source_table('surveymonkey', 'response_answer', {
        'response_id': 'response_id', 'question_id': 'question_id', 'choice_id': 'choice_id', 'row_id': 'row_id', 'col_id': 'col_id',
        'other_id': 'other_id', 'text': 'text',
    }) }}
),

surveys as (
    {{ source_table('surveymonkey', 'survey', {'id': 'id', 'title': ['title', 'nickname']}, key=['id']) }}
),

details as (
    {{ source_table('surveymonkey', 'survey_details', {'id': 'id', 'title': 'title'}, key=['id']) }}
),

questions as (
    select * from {{ ref('connector_surveymonkey_questions') }}
),

by_email as (
    {{ users_by_email('surveymonkey') }}
),

rules as (
    {{ instrument_rules('surveymonkey') }}
),

pages as (
    select id as response_id, unnest(json_extract(pages, '$[*]')) as page
    from responses
    where left_out_because is null and json_valid(pages)
),

asked as (
    select response_id, unnest(json_extract(page, '$.questions[*]')) as question
    from pages
),

within as (
    select response_id, json_extract_string(question, '$.id') as question_id, unnest(json_extract(question, '$.answers[*]')) as answer
    from asked
),

answers as (
    select response_id, question_id, choice_id, row_id, col_id, other_id, text
    from answer_rows
    where not is_deleted
    union all
    select
        response_id,
        question_id,
        json_extract_string(answer, '$.choice_id') as choice_id,
        json_extract_string(answer, '$.row_id') as row_id,
        json_extract_string(answer, '$.col_id') as col_id,
        json_extract_string(answer, '$.other_id') as other_id,
        nullif(json_extract_string(answer, '$.text'), '') as text
    from within
),

texts as (
    select question_id, max(question_text) as question_text from questions
    group by question_id
),

titles as (
    select id, title from surveys
    where left_out_because is null
    union
    select id, title from details
    where left_out_because is null and id not in (select id from surveys)
),

known as (
    select
        answers.*,
        responses.survey_id,
        responses.status,
        responses.said,
        coalesce(
            {{ own_or('surveymonkey', 'responses', 'user_id', 'responses.metadata_id') }}, responses.custom_value, by_email.bridged_user_id
        ) as person,
        coalesce(titles.title, responses.survey_id) as survey,
        {{ plain_question('texts.question_text') }} as question_text,
        questions.text as choice_text,
        questions.position,
        case when not questions.is_by_group then questions.weight end as weight,
        coalesce(questions.is_na, false) as is_na,
        rules.question_key,
        rules.instrument,
        rules.question as named_question,
        responses.left_out_because,
        count(*) over (partition by answers.response_id, answers.question_id, answers.row_id, answers.col_id) as answers_of_cell
    from answers
    inner join responses on answers.response_id = responses.id and responses.left_out_because is null
    left join by_email on lower(responses.email) = by_email.address
    left join questions on answers.question_id = questions.question_id and answers.choice_id = questions.choice_id
    left join texts on answers.question_id = texts.question_id
    left join titles on responses.survey_id = titles.id
    left join rules
        on rules.label is null and rules.question_key in (lower(answers.question_id), lower(responses.survey_id || '/' || answers.question_id))
),

scored as (
    select
        known.*,
        coalesce(known.choice_text, known.text) as answer_text,
        case
            when known.instrument = 'attribute' or known.is_na then null
            else coalesce(
                rules.score,
                case when {{ segmentation.to_number('coalesce(known.choice_text, known.text)', 'double') }} is not null
                    then coalesce(known.choice_text, known.text) end,
                case when known.instrument = 'nps' then cast(known.position - 1 as varchar) else cast(known.weight as varchar) end
            )
        end as score
    from known
    left join rules
        on known.question_key = rules.question_key and rules.label = lower(coalesce(known.choice_text, known.text))
),

mapped as (
    select
        {{ as_input('survey_responses', {
            'response_id': "concat_ws('/', response_id, question_id, row_id, col_id, case when answers_of_cell > 1 then coalesce(choice_id, other_id) end)",
            'user_id': 'person',
            'survey': 'survey',
            'instrument': 'instrument',
            'question': 'coalesce(named_question, question_text, question_id)',
            'answer': 'case when score is null then answer_text end',
            'score': 'score',
            'responded_at': time_text('said', zone),
            'updated_at': time_text('said', zone),
        }, left_out="coalesce(
            left_out_because,
            case when status is not null and lower(status) not in (" ~ segmentation.text_literals(statuses) ~ ") then 'status' end,
            case when person is null then 'no_person' end,
            case when is_na or (score is null and answer_text is null) then 'not_answered' end
        )") }}
    from scored
)

select * from mapped
