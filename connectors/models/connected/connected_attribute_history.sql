{{ config(enabled=gives(none, 'attribute_history')) }}

{{ united_input('attribute_history') }}
