{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('users') }}") }}

{{ segmentation.checked_input('users') }}
