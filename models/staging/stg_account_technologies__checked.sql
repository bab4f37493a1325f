{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('account_technologies') }}") }}

{{ segmentation.checked_input('account_technologies') }}
