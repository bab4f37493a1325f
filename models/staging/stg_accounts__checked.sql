{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('accounts') }}") }}

{{ segmentation.checked_input('accounts') }}
