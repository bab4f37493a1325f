{{ config(enabled=gives('qualtrics', 'survey_responses')) }}

-- One row per answer, whatever the shape: a column of a CSV file, a key of Airbyte's `values`, a row of Fivetran's question_response.
-- The CSV file has three header rows: names, question texts, and a JSON text per cell with the QID. The last two are no responses. They are
-- recognized by what is in them, not by their place.
{%- set setting = connector_setting('qualtrics') or {'options': {}} %}
{%- set zone = setting.options.timezone %}
{%- set found = found_table('qualtrics', 'responses') %}
{%- set is_csv = found is not none and found.loader == 'csv' %}
{%- set statuses = setting.options.get('statuses') or [
    '0', 'IP Address', '4', 'Imported', '16', 'Offline App', '32', 'EX', '48', 'EX Offline'
] %}
with
landed as (
    {{ source_table('qualtrics', 'responses', {
        'response_id': ['ResponseId', 'id', '_recordId'],
        'survey_id': ['survey_id', 'surveyId'],
        'user_key': [setting.options.get('user_key') or 'user_id'],
        'external_reference': ['ExternalReference', 'externalDataReference', 'external_data_reference'],
        'email': ['RecipientEmail', 'recipientEmail', 'recipient_email'],
        'status': ['Status', 'status'],
        'started': ['StartDate', 'startDate', 'start_date'],
        'ended': ['EndDate', 'endDate', 'end_date'],
        'recorded': ['RecordedDate', 'recordedDate', 'recorded_date', 'last_modified_date'],
        'file_name': ['filename'],
        'progress': 'Progress', 'duration': ['Duration (in seconds)', 'duration_in_seconds'], 'finished': 'Finished',
        'ip_address': ['IPAddress', 'ip_address'],
        'last_name': ['RecipientLastName', 'recipient_last_name'], 'first_name': ['RecipientFirstName', 'recipient_first_name'],
        'latitude': ['LocationLatitude', 'location_latitude'], 'longitude': ['LocationLongitude', 'location_longitude'],
        'distribution_channel': 'DistributionChannel', 'user_language': 'UserLanguage',
        'answer_values': 'values', 'answer_labels': 'labels',
        'answer_columns': ['answer_columns'],
    }, rest='answer_columns') }}
),

numbered as (
    select
        * exclude (survey_id),
        coalesce(survey_id, regexp_replace(regexp_replace(file_name, '^.*[/\\]', ''), '[.][a-z.]+$', '')) as survey_id,
        {%- if is_csv %}
        coalesce(starts_with(response_id, '{"ImportId"') or starts_with(ended, '{"ImportId"'), false) as is_id_row,
        coalesce(
            not regexp_matches(response_id, '^(R|FS)_') and {{ time_value('ended', zone) }} is null
            and {{ time_value('recorded', zone) }} is null,
            false
        ) as is_header,
        {%- else %}
        false as is_id_row,
        false as is_header,
        {%- endif %}
        row_number() over (
            partition by response_id order by {{ time_value('recorded', zone) }} desc nulls last, {{ time_value('loaded_at') }} desc nulls last,
            ended, status, answer_columns, answer_values
        ) as version
    from landed
),

responses as (
    select
        * exclude (left_out_because, version),
        coalesce(
            left_out_because,
            case when version > 1 then 'older_version' end,
            case when is_deleted then 'deleted' end,
            case when status is not null and status not in ({{ segmentation.text_literals(statuses) }}) then 'status' end
        ) as left_out_because
    from numbered
    where not is_id_row and not is_header
),
{%- if is_csv %}

-- The two header rows of each file, cell by cell.
header_cells as (
    select
        file_name,
        is_id_row,
        unnest(map_entries(cast(cast(answer_columns as json) as map (varchar, varchar)))) as cell
    from numbered
    where is_id_row or is_header
),

questions as (
    select
        file_name,
        cell.key as column_name,
        max(case when is_id_row and json_valid(cell.value) then json_extract_string(cell.value, '$.ImportId') end) as question_id,
        max(case when not is_id_row then cell.value end) as question_text
    from header_cells
    group by file_name, cell.key
),

cells as (
    select *, unnest(map_entries(cast(cast(answer_columns as json) as map (varchar, varchar)))) as cell
    from responses
),

answers as (
    select
        cells.* exclude (cell),
        coalesce(questions.question_id, cells.cell.key) as question_id,
        cells.cell.key as tag,
        cells.cell.value as value,
        cast(null as varchar) as label,
        questions.question_text,
        -- Embedded data and other columns of the account's own: their ImportId is not that of a question.
        questions.question_id is not null and not starts_with(questions.question_id, 'QID') as is_embedded
    from cells
    left join questions on cells.cell.key = questions.column_name and cells.file_name is not distinct from questions.file_name
)
{%- else %}

rows_of_answers as (
    {{ source_table('qualtrics', 'question_response', {
        'id': '_fivetran_id', 'response_id': 'response_id', 'question_id': 'question_id', 'sub_question': 'sub_question_key',
        'question_option': 'question_option_key', 'loop': 'loop_id', 'value': 'value', 'text': 'text', 'question': 'question',
    }) }}
),

questions as (
    {{ source_table('qualtrics', 'question', {
        'id': ['id', 'questionId'], 'survey_id': ['survey_id', 'surveyId'], 'tag': ['data_export_tag', 'DataExportTag'],
        'question_text': ['question_text', 'QuestionText'],
    }, key=['id', 'survey_id']) }}
),

embedded as (
    {{ source_table('qualtrics', 'survey_embedded_data', {'response_id': 'response_id', 'key': 'key', 'value': 'value'}) }}
),

embedded_ids as (
    select response_id, max(value) as user_key
    from embedded
    where lower(key) = lower({{ segmentation.text_literal(setting.options.get('user_key') or 'user_id') }}) and not is_deleted
    group by response_id
),

known as (
    select
        responses.* exclude (user_key),
        coalesce(embedded_ids.user_key, responses.user_key) as user_key
    from responses
    left join embedded_ids on responses.response_id = embedded_ids.response_id
),

keys_of_values as (
    select
        known.*,
        unnest(map_entries(cast(cast({{ segmentation.to_json_object('answer_values') }} as json) as map (varchar, varchar)))) as cell
    from known
),

answers_found as (
    select
        known.*,
        rows_of_answers.question_id as base_question,
        concat_ws('_', rows_of_answers.question_id, rows_of_answers.sub_question, rows_of_answers.question_option, rows_of_answers.loop) as question_id,
        rows_of_answers.value,
        rows_of_answers.text as label,
        rows_of_answers.question as question_text
    from rows_of_answers
    inner join known on rows_of_answers.response_id = known.response_id
    where not rows_of_answers.is_deleted
    union all by name
    select
        * exclude (cell),
        regexp_extract(cell.key, '^QID[0-9]+') as base_question,
        cell.key as question_id,
        cell.value as value,
        json_extract_string({{ segmentation.to_json_object('answer_labels') }}, '$."' || cell.key || '"') as label
    from keys_of_values
    where starts_with(cell.key, 'QID') and cell.value is not null
),

answers as (
    select
        answers_found.* exclude (base_question, question_text),
        questions.tag,
        coalesce(questions.question_text, answers_found.question_text) as question_text,
        false as is_embedded
    from answers_found
    left join questions
        on
            answers_found.base_question = questions.id
            and (answers_found.survey_id = questions.survey_id or questions.survey_id is null)
            and questions.left_out_because is null
)
{%- endif %}

select * from answers
