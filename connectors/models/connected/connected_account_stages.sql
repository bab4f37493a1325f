{{ config(enabled=gives(none, 'account_stages')) }}

{{ united_input('account_stages') }}
