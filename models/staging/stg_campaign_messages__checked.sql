{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('campaign_messages') }}") }}

{{ segmentation.checked_input('campaign_messages') }}
