{{ config(enabled=gives(none, 'accounts')) }}

{{ merged_input('accounts') }}
