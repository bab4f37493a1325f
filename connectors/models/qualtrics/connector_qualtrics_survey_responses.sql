{{ config(enabled=gives('qualtrics', 'survey_responses')) }}

{%- set setting = connector_setting('qualtrics') or {'options': {}} %}
{%- set zone = setting.options.timezone %}
with
answers as (
    select * from {{ ref('connector_qualtrics_answers') }}
),

surveys as (
    {{ source_table('qualtrics', 'survey', {'id': 'id', 'name': ['survey_name', 'name']}, key=['id']) }}
),

by_email as (
    {{ users_by_email('qualtrics') }}
),

rules as (
    {{ instrument_rules('qualtrics') }}
),

measured as (
    select
        answers.*,
        coalesce(surveys.name, answers.survey_id) as survey,
        rules.instrument,
        rules.question as named_question,
        rules.question_key
    from answers
    left join surveys on answers.survey_id = surveys.id and surveys.left_out_because is null
    left join rules
        on
            rules.label is null
            and rules.question_key in (
                lower(answers.question_id), lower(answers.tag), lower(answers.survey_id || '/' || answers.question_id)
            )
),

scored as (
    select
        measured.*,
        rules.score as score_of_label,
        coalesce(
            {{ own_or('qualtrics', 'responses', 'user_id', 'cast(null as varchar)') }},
            measured.user_key, measured.external_reference, by_email.bridged_user_id
        ) as person,
        {{ segmentation.to_number('measured.value', 'double') }} as number,
        {{ plain_question('measured.question_text') }} as plain_text
    from measured
    left join by_email on lower(measured.email) = by_email.address
    left join rules
        on
            measured.question_key = rules.question_key
            and rules.label in (lower(measured.value), lower(measured.label))
),

judged as (
    select
        *,
        coalesce(score_of_label, case when number is not null and instrument is distinct from 'attribute' then value end) as score,
        coalesce(
            left_out_because,
            case when is_embedded then 'embedded_data' end,
            case when ends_with(lower(coalesce(question_id, '')), '_nps_group') or ends_with(lower(coalesce(tag, '')), '_nps_group') then 'nps_group' end,
            case when value is null or value = {{ segmentation.text_literal(setting.options.get('unanswered') or '-99') }} then 'not_answered' end,
            case when person is null then 'no_person' end
        ) as reason
    from scored
),

mapped as (
    select
        {{ as_input('survey_responses', {
            'response_id': "response_id || '/' || question_id",
            'user_id': 'person',
            'survey': 'survey',
            'instrument': 'instrument',
            'question': 'coalesce(named_question, plain_text, tag, question_id)',
            'answer': 'case when score is null then coalesce(label, value) end',
            'score': 'score',
            'responded_at': 'coalesce(' ~ time_text('ended', zone) ~ ', ' ~ time_text('recorded', zone) ~ ')',
            'updated_at': time_text('recorded', zone),
        }, left_out='reason') }}
    from judged
)

select * from mapped
