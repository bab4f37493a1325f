{{ config(enabled=gives('surveymonkey', 'survey_responses')) }}

-- The choices of questions, a row each, and questions without choices once: from the survey's details, the table of questions (both with the
-- choices within), or tables of questions and choices. `weight` of a question on recommending is that of its group (-100, 0, 100) and no score.
with
details as (
    {{ source_table('surveymonkey', 'survey_details', {'id': 'id', 'title': 'title', 'pages': 'pages'}, key=['id']) }}
),

question_rows as (
    {{ source_table('surveymonkey', 'question', {
        'id': 'id', 'survey_id': 'survey_id', 'headings': 'headings', 'heading': ['heading', 'title'], 'answers': 'answers',
    }, key=['id']) }}
),

choice_rows as (
    {{ source_table('surveymonkey', 'choice', {
        'id': 'id', 'question_id': 'question_id', 'text': 'text', 'position': 'position', 'weight': ['weight', 'choice_metadata.weight'],
        'is_na': 'is_na',
    }, key=['id', 'question_id']) }}
),

pages as (
    select unnest(json_extract(pages, '$[*]')) as page
    from details
    where left_out_because is null and json_valid(pages)
),

listed as (
    select unnest(json_extract(page, '$.questions[*]')) as question
    from pages
),

questions as (
    select id, coalesce(heading, json_extract_string(headings, '$[0].heading')) as question_text, answers
    from question_rows
    where left_out_because is null
    union all
    select
        json_extract_string(question, '$.id') as id,
        json_extract_string(question, '$.headings[0].heading') as question_text,
        json_extract_string(question, '$.answers') as answers
    from listed
    where json_extract_string(question, '$.id') not in (select id from question_rows)
),

within as (
    select
        id as question_id,
        unnest(coalesce(json_extract(answers, '$.choices[*]'), cast([] as json[])) || coalesce(json_extract(answers, '$.cols[*].choices[*]'), cast([] as json[]))) as choice
    from questions
    where json_valid(answers)
),

choices as (
    select id as choice_id, question_id, text, position, weight, {{ flag('is_na') }} as is_na
    from choice_rows
    where left_out_because is null
    union all
    select
        json_extract_string(choice, '$.id') as choice_id,
        question_id,
        json_extract_string(choice, '$.text') as text,
        json_extract_string(choice, '$.position') as position,
        coalesce(json_extract_string(choice, '$.weight'), json_extract_string(choice, '$.choice_metadata.weight')) as weight,
        {{ flag("json_extract_string(choice, '$.is_na')") }} as is_na
    from within
),

known as (
    select
        coalesce(questions.id, choices.question_id) as question_id,
        questions.question_text,
        choices.choice_id,
        choices.text,
        try_cast(choices.position as bigint) as position,
        try_cast(choices.weight as double) as weight,
        coalesce(choices.is_na, false) as is_na,
        coalesce(
            min(try_cast(choices.weight as double)) over (partition by coalesce(questions.id, choices.question_id)) = -100, false
        ) as is_by_group
    from questions
    full join choices on questions.id = choices.question_id
)

select * from known
