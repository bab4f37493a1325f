{# Salesforce: see docs/connectors/salesforce.md. #}
{% macro _salesforce() %}
    {{ return({
        'label': 'Salesforce',
        'gives': {
            'users': ['contact', 'lead'], 'accounts': ['account'], 'account_stages': ['opportunity'],
            'attribute_history': ['contact_history', 'account_history', 'contact_versions', 'account_versions'],
        },
        'options': {
            'bridge': 'email: a contact without a user id of the product is the user of another tool with the address',
        },
        'tables': {
            'account': {'names': ['accounts'], 'needs': [['id']]},
            'contact': {'names': ['contacts'], 'needs': [['id']]},
            'contact_versions': {'names': ['contact_snapshot', 'contacts_snapshot'], 'needs': [['id'], ['_fivetran_start', 'dbt_valid_from']]},
            'account_versions': {'names': ['account_snapshot', 'accounts_snapshot'], 'needs': [['id'], ['_fivetran_start', 'dbt_valid_from']]},
            'lead': {'names': ['leads'], 'needs': [['id']]},
            'user': {'names': ['users'], 'needs': [['id']]},
            'opportunity': {'names': ['opportunities'], 'needs': [['id'], ['account_id']]},
            'opportunity_history': {
                'names': ['opportunity_histories', 'opportunity_stage_history'],
                'needs': [['opportunity_id'], ['stage_name'], ['created_date']],
            },
            'contact_history': {'names': ['contact_field_history'], 'needs': [['contact_id'], ['field'], ['new_value'], ['created_date']]},
            'account_history': {'names': ['account_field_history'], 'needs': [['account_id'], ['field'], ['new_value'], ['created_date']]},
        },
    }) }}
{% endmacro %}
