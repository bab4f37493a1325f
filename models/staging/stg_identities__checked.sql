{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('identities') }}") }}

{{ segmentation.checked_input('identities') }}
