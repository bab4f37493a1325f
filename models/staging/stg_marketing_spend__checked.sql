{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('marketing_spend') }}") }}

{{ segmentation.checked_input('marketing_spend') }}
