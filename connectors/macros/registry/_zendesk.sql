{# Zendesk: see docs/connectors/zendesk.md. #}
{% macro _zendesk() %}
    {{ return({
        'label': 'Zendesk',
        'gives': {'support_tickets': ['ticket']},
        'options': {
            'topic_tags': 'tags that are topics, the first that a ticket has; default: the type of the ticket',
            'bridge': 'email: who does not have a user id is the user of connected_users with the address',
        },
        'tables': {
            'ticket': {'names': ['tickets'], 'needs': [['id'], ['requester_id'], ['created_at']]},
            'user': {'names': ['users'], 'needs': [['id']]},
            'ticket_field_history': {'names': ['ticket_field_histories'], 'needs': [['ticket_id'], ['field_name'], ['value'], ['updated']]},
            'ticket_tag': {'names': ['ticket_tags'], 'needs': [['ticket_id'], ['tag']]},
            'ticket_metrics': {'names': ['ticket_metric'], 'needs': [['ticket_id']]},
            'satisfaction_ratings': {'names': ['satisfaction_rating'], 'needs': [['ticket_id'], ['score']]},
        },
    }) }}
{% endmacro %}
