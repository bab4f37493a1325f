{# HubSpot: see docs/connectors/hubspot.md. #}
{% macro _hubspot() %}
    {{ return({
        'label': 'HubSpot',
        'gives': {
            'users': ['contact'], 'accounts': ['company'], 'attribute_history': ['contact_property_history', 'company_property_history'],
            'account_stages': ['company_property_history'], 'campaign_messages': ['email_event'],
        },
        'options': {},
        'tables': {
            'contact': {'names': ['contacts'], 'within': ['properties'], 'needs': [['id', 'vid']]},
            'company': {'names': ['companies'], 'within': ['properties'], 'needs': [['id', 'company_id']]},
            'owner': {'names': ['owners'], 'needs': [['owner_id', 'id']]},
            'contact_property_history': {
                'names': ['contacts_property_history'],
                'needs': [['contact_id', 'vid', 'hs_object_id'], ['name', 'property'], ['timestamp']],
            },
            'company_property_history': {
                'names': ['companies_property_history'],
                'needs': [['company_id', 'companyId', 'hs_object_id'], ['name', 'property'], ['timestamp']],
            },
            'email_event': {'names': ['email_events'], 'needs': [['id'], ['type'], ['recipient'], ['created']]},
            'email_event_status_change': {'names': ['email_event_status_changes'], 'needs': [['id']]},
            'email_campaign': {'names': ['email_campaigns', 'campaigns'], 'needs': [['id']]},
        },
    }) }}
{% endmacro %}
