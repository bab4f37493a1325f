{{ config(materialized='table', pre_hook="{{ segmentation.check_input_columns('invoices') }}") }}

{{ segmentation.checked_input(
    'invoices',
    reasons={
        'no_payer': 'account_id is null and user_id is null',
        'unknown_currency': 'upper(currency) not in (' ~ segmentation.text_literals(segmentation.setting('currency_rates').keys() | map('upper') | list) ~ ')',
    }
) }}
