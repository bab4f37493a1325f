{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('subscriptions') }}") }}

{{ segmentation.checked_input('subscriptions') }}
