{# Amplitude: see docs/connectors/amplitude.md. #}
{% macro _amplitude() %}
    {{ return({
        'label': 'Amplitude',
        'gives': {'events': ['events'], 'identities': ['events'], 'users': ['users']},
        'asked': ['users'],
        'options': {},
        'tables': {
            'events': {'names': ['event', 'export'], 'needs': [['event_type'], ['event_time', 'client_event_time'], ['device_id', 'user_id']]},
            'merge_ids': {'names': ['merged_ids', 'merged_amplitude_ids'], 'needs': [['amplitude_id'], ['merged_amplitude_id']]},
            'users': {'names': ['users_of_events']},
        },
    }) }}
{% endmacro %}
