{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('account_stages') }}") }}

{{ segmentation.checked_input('account_stages') }}
