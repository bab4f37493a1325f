{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('survey_responses') }}") }}

{{ segmentation.checked_input('survey_responses') }}
