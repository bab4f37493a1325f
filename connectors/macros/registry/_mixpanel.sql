{# Mixpanel: see docs/connectors/mixpanel.md. #}
{% macro _mixpanel() %}
    {{ return({
        'label': 'Mixpanel',
        'gives': {'events': ['events'], 'identities': ['events'], 'users': ['people']},
        'options': {'signed_up_at': 'first_event: a profile without $created signed up at its first event'},
        'tables': {
            'events': {
                'names': ['export', 'event', 'mp_master_event', 'mp_master_event_view'],
                'within': ['properties'],
                'shapes': {
                    'export': ['event', 'properties'],
                    'pipeline': ['event_name', 'properties'],
                    'fivetran': ['name', '_fivetran_id'],
                    'airbyte': ['event', 'distinct_id', 'time'],
                },
                'needs': [['time'], ['distinct_id']],
            },
            'people': {
                'names': ['engage', 'profiles', 'mp_people_data', 'mp_people_data_view', 'users'],
                'within': ['properties', '$properties'],
                'needs': [['distinct_id', '$distinct_id']],
            },
            'identity_mappings': {
                'names': ['mp_identity_mappings_data', 'mp_identity_mappings_data_view'],
                'needs': [['distinct_id'], ['resolved_distinct_id']],
            },
        },
    }) }}
{% endmacro %}
