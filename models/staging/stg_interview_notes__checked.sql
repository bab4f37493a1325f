{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('interview_notes') }}") }}

{{ segmentation.checked_input('interview_notes') }}
