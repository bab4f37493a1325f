{{ config(enabled=gives(none, 'campaign_messages')) }}

{{ united_input('campaign_messages') }}
