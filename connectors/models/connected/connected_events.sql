{{ config(enabled=gives(none, 'events')) }}

{{ united_input('events') }}
