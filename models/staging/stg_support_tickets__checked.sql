{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('support_tickets') }}") }}

{{ segmentation.checked_input('support_tickets') }}
