{{ config(enabled=gives(none, 'survey_responses')) }}

{{ united_input('survey_responses') }}
