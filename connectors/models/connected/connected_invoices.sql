{{ config(enabled=gives(none, 'invoices')) }}

{{ united_input('invoices') }}
