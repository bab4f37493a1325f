{# Qualtrics: see docs/connectors/qualtrics.md. #}
{% macro _qualtrics() %}
    {{ return({
        'label': 'Qualtrics',
        'gives': {'survey_responses': ['responses']},
        'options': {
            'user_key': 'the embedded data, or column, that holds your user id; default: user_id',
            'instruments': 'what a question measures: its QID, tag or survey/QID -> nps, csat, ces, or {instrument, question, values}',
            'bridge': 'email: who does not have a user id is the user of connected_users with the address',
            'statuses': 'statuses of responses that count',
            'unanswered': 'the number that the export writes for a question that was seen and not answered; default: -99',
        },
        'tables': {
            'responses': {
                'names': ['survey_response', 'survey_responses', 'response'],
                'within': ['values'],
                'shapes': {
                    'fivetran': ['id', 'survey_id'],
                    'airbyte': ['responseId', 'values'],
                    'csv': ['ResponseId', 'EndDate', 'RecordedDate'],
                },
            },
            'question_response': {'names': ['question_responses'], 'needs': [['response_id'], ['question_id']]},
            'question': {'names': ['questions', 'survey_question', 'survey_questions'], 'needs': [['id', 'questionId']]},
            'survey': {'names': ['surveys'], 'needs': [['id']]},
            'survey_embedded_data': {'names': ['embedded_data'], 'needs': [['response_id'], ['key'], ['value']]},
        },
    }) }}
{% endmacro %}
