{# SurveyMonkey: see docs/connectors/surveymonkey.md. #}
{% macro _surveymonkey() %}
    {{ return({
        'label': 'SurveyMonkey',
        'gives': {'survey_responses': ['responses']},
        'options': {
            'user_key': 'the custom variable that holds your user id; default: user_id',
            'instruments': 'what a question measures: its id or survey/id -> nps, csat, ces, or {instrument, question, values}',
            'bridge': 'email: who does not have a user id is the user of connected_users with the address',
            'statuses': 'statuses of responses that count; default: completed',
        },
        'tables': {
            'responses': {
                'names': ['survey_responses', 'response_history', 'response'],
                'shapes': {'api': ['id', 'survey_id', 'pages'], 'fivetran': ['id', 'survey_id', 'created_at']},
            },
            'response_answer': {'names': ['response_answers'], 'needs': [['response_id'], ['question_id']]},
            'survey': {'names': ['surveys'], 'needs': [['id']]},
            'question': {'names': ['survey_questions', 'questions', 'question_history'], 'needs': [['id']]},
            'choice': {'names': ['question_choice', 'question_choices', 'choices', 'choice_history'], 'needs': [['id'], ['question_id']]},
            'survey_details': {'names': ['survey_detail'], 'needs': [['id'], ['pages']]},
        },
    }) }}
{% endmacro %}
