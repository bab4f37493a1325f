{{ config(enabled=gives(none, 'subscriptions')) }}

{{ united_input('subscriptions') }}
