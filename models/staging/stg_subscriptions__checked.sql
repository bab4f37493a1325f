{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('subscriptions') }}") }}

{{ segmentation.checked_input('subscriptions', reasons={'no_payer': 'account_id is null and user_id is null'}) }}
