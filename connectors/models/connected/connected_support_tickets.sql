{{ config(enabled=gives(none, 'support_tickets')) }}

{{ united_input('support_tickets') }}
