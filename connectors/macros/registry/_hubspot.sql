{# HubSpot: see docs/connectors/hubspot.md. #}
{% macro _hubspot() %}
    {{ return({
        'label': 'HubSpot',
        'gives': {
            'users': ['contact'], 'accounts': ['company'], 'campaign_messages': ['email_event'],
            'attribute_history': ['contact_property_history', 'company_property_history', 'contact_list_member'],
            'account_stages': ['company_property_history', 'deal_stage', 'deal_property_history'],
        },
        'options': {
            'bridge': 'email: a contact without a user id of the product is the user of another tool with the address',
            'account_stages': 'lifecycle (default) or deals: whose stages the stages of an account are',
            'lists': 'attribute of yours -> id or name of the list of contacts whose members have it',
        },
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
            'contact_list': {'names': ['contact_lists'], 'needs': [['id', 'contact_list_id', 'list_id', 'listId']]},
            'contact_list_member': {
                'names': ['contacts_list_memberships'],
                'needs': [['contact_id', 'canonical_vid', 'vid'], ['contact_list_id', 'static_list_id', 'internal_list_id']],
            },
            'deal': {'names': ['deals'], 'within': ['properties'], 'needs': [['deal_id', 'id']]},
            'deal_company': {'names': ['deal_companies'], 'needs': [['deal_id'], ['company_id']]},
            'deal_stage': {'names': ['deal_stages'], 'needs': [['deal_id'], ['value'], ['date_entered']]},
            'deal_property_history': {
                'names': ['deals_property_history'],
                'needs': [['deal_id', 'hs_object_id'], ['name', 'property'], ['timestamp']],
            },
            'deal_pipeline': {'names': ['deal_pipelines'], 'needs': [['pipeline_id', 'id']]},
            'deal_pipeline_stage': {'names': ['deal_pipeline_stages'], 'needs': [['stage_id'], ['label']]},
            'merged_deal': {'names': ['merged_deals'], 'needs': [['deal_id'], ['merged_deal_id']]},
            'email_event': {'names': ['email_events'], 'needs': [['id'], ['type'], ['recipient'], ['created']]},
            'email_event_status_change': {'names': ['email_event_status_changes'], 'needs': [['id']]},
            'email_campaign': {'names': ['email_campaigns', 'campaigns'], 'needs': [['id']]},
        },
    }) }}
{% endmacro %}
