{{ config(enabled=gives(none, 'users')) }}

{{ merged_input('users') }}
