{# Segment: see docs/connectors/segment.md. #}
{% macro _segment() %}
    {{ return({
        'label': 'Segment',
        'gives': {
            'events': ['tracks', 'pages', 'screens'], 'identities': ['tracks', 'pages', 'screens', 'identifies', 'aliases'],
            'users': ['users'], 'accounts': ['groups'], 'attribute_history': ['groups'],
        },
        'options': {'event_tables': 'a schema, or a list: the tables of events, which hold the properties; default: the schema of `tracks`'},
        'tables': {
            'tracks': {'names': ['track'], 'needs': [['id'], ['event'], ['timestamp']]},
            'pages': {'names': ['page'], 'needs': [['id'], ['timestamp']]},
            'screens': {'names': ['screen'], 'needs': [['id'], ['timestamp']]},
            'identifies': {'names': ['identify'], 'needs': [['id'], ['timestamp']]},
            'users': {'names': ['user'], 'needs': [['id']]},
            'groups': {'names': ['group'], 'needs': [['id'], ['group_id'], ['timestamp']]},
            'aliases': {'names': ['alias'], 'needs': [['previous_id'], ['user_id'], ['timestamp']]},
        },
    }) }}
{% endmacro %}
