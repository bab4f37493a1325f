{{ config(enabled=gives(none, 'identities')) }}

{{ united_input('identities') }}
