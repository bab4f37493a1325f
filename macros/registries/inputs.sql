{#
    The inputs of this project, one entry each: their columns, types, keys and rules. input_contract() is how other macros ask
    for them. docs/your-data.md explains each column; a new one is described there. The variable `traits` adds columns to users and
    accounts.
      optional  whether a project may do without it
      columns   name -> type: text, label (text in lower case), country, integer, money, double, boolean, time, date, json (an
                object)
      key       columns that name a row; a row without them is rejected as missing_key
      required  further columns without which a row is of no use
      may_be_missing  columns that the relation may lack altogether; they are NULL then
      newest_by column: of several rows with one key the newest counts; without a value in it, the first by content.
                Events have first_by instead: the first copy counts, so that one that arrives later never changes history
      ends      columns that say when something ends: infinity and far years there mean never (9999-12-31), see to_utc()
      arrival   columns in which two copies of the same row may differ
      one_of    columns of which one must hold something; of those that may be missing, one must be there
      ranges    column -> [least, most] (none: no bound), or SQL with {} for the value. A number outside is NULL and listed in
                unreadable_values; a required one rejects the row as out_of_range
      labels    column -> the labels that a model reads. Another one is NULL and listed; in a key it is kept and listed
      fallbacks column -> [other column, SQL]: where the column is empty and the condition over the texts holds, the other is read
      attributes  entity -> the attributes whose history is read; another one rejects the row as unknown_attribute
    Columns of ids are those text columns whose name ends in _id, and merged_into: a placeholder in them (`placeholder_ids`) is no id.

    Returns: dict of input name -> entry.
    Call:    {% for name, entry in inputs().items() %}
    Errors:  an entry that breaks a rule (macros/registries/_inputs_problems.sql) stops the parse (check_registries()).
#}
{% macro inputs() %}
    {{ return(segmentation._inputs_with_traits(segmentation._inputs())) }}
{% endmacro %}

{# The same without the traits of a project's own. #}
{% macro _inputs() %}
    {% set scales = segmentation._unchecked_setting('survey_scales') %}
    {{ return({
        'accounts': {
            'optional': true,
            'key': ['account_id'],
            'ranges': {'employee_count': [0, 10000000], 'annual_revenue': [0, none]},
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {
                'account_id': 'text', 'account_name': 'text', 'industry': 'label', 'business_model': 'label',
                'employee_count': 'integer', 'annual_revenue': 'double', 'country': 'country', 'account_owner': 'text',
                'created_at': 'time', 'updated_at': 'time',
            },
        },
        'users': {
            'optional': false,
            'key': ['user_id'],
            'required': ['signed_up_at'],
            'ranges': {'birth_year': '{} between 1900 and extract(year from signed_up_at)'},
            'newest_by': 'updated_at',
            'may_be_missing': ['merged_into', 'merged_at', 'updated_at'],
            'ends': ['deleted_at'],
            'columns': {
                'user_id': 'text', 'account_id': 'text', 'email': 'text', 'job_title': 'text', 'department': 'text',
                'birth_year': 'integer', 'gender': 'label', 'income_band': 'label', 'language': 'label',
                'country': 'country', 'state': 'text', 'city': 'text', 'acquisition_channel': 'label',
                'marketing_consent': 'boolean', 'signed_up_at': 'time', 'updated_at': 'time', 'deleted_at': 'time',
                'merged_into': 'text', 'merged_at': 'time',
            },
        },
        'attribute_history': {
            'optional': true,
            'key': ['entity', 'entity_id', 'attribute', 'valid_from'],
            'attributes': {
                'user': [
                    'account_id', 'birth_year', 'gender', 'income_band', 'language', 'job_title', 'department', 'country',
                    'state', 'city', 'acquisition_channel',
                ],
                'account': ['industry', 'business_model', 'employee_count', 'annual_revenue', 'account_owner'],
            },
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {
                'entity': 'label', 'entity_id': 'text', 'attribute': 'label', 'value': 'text', 'valid_from': 'time',
                'updated_at': 'time',
            },
        },
        'subscriptions': {
            'optional': true,
            'key': ['subscription_id', 'valid_from'],
            'required': ['started_at'],
            'one_of': ['account_id', 'user_id'],
            'ranges': {'seats': [0, 1000000000], 'mrr': [0, none]},
            'newest_by': 'updated_at',
            'may_be_missing': ['account_id', 'user_id', 'updated_at'],
            'ends': ['trial_ends_at', 'ended_at', 'renewal_date'],
            'columns': {
                'subscription_id': 'text', 'account_id': 'text', 'user_id': 'text', 'plan': 'label', 'seats': 'integer',
                'mrr': 'money', 'valid_from': 'time', 'started_at': 'time', 'trial_ends_at': 'time', 'converted_at': 'time',
                'ended_at': 'time', 'renewal_date': 'date', 'updated_at': 'time',
            },
        },
        'account_stages': {
            'optional': true,
            'key': ['account_id', 'stage', 'entered_at'],
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {'account_id': 'text', 'stage': 'label', 'entered_at': 'time', 'updated_at': 'time'},
        },
        'account_technologies': {
            'optional': true,
            'key': ['account_id', 'category', 'vendor', 'first_seen_at'],
            'labels': {'category': ['crm', 'marketing_automation', 'back_office', 'database']},
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'ends': ['last_seen_at'],
            'columns': {
                'account_id': 'text', 'category': 'label', 'vendor': 'label', 'first_seen_at': 'time',
                'last_seen_at': 'time', 'updated_at': 'time',
            },
        },
        'identities': {
            'optional': true,
            'key': ['anonymous_id', 'user_id', 'linked_at'],
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {'anonymous_id': 'text', 'user_id': 'text', 'linked_at': 'time', 'updated_at': 'time'},
        },
        'events': {
            'optional': false,
            'key': ['event_id'],
            'required': ['event_name', 'occurred_at'],
            'first_by': 'received_at',
            'arrival': ['received_at'],
            'one_of': ['user_id', 'anonymous_id'],
            'columns': {
                'event_id': 'text', 'user_id': 'text', 'anonymous_id': 'text', 'event_name': 'text',
                'occurred_at': 'time', 'received_at': 'time', 'session_id': 'text', 'device_type': 'label',
                'os': 'label', 'app_version': 'text', 'country': 'country', 'channel': 'label', 'properties': 'json',
            },
        },
        'survey_responses': {
            'optional': true,
            'key': ['response_id'],
            'required': ['user_id', 'responded_at'],
            'labels': {'instrument': ['nps', 'csat', 'ces', 'attribute']},
            'ranges': {'score': segmentation._score_range(scales)},
            'fallbacks': {'score': ['answer', "lower(text_of_instrument) in ('nps', 'csat', 'ces')"]},
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {
                'response_id': 'text', 'user_id': 'text', 'survey': 'text', 'instrument': 'label', 'question': 'label',
                'answer': 'text', 'score': 'double', 'responded_at': 'time', 'updated_at': 'time',
            },
        },
        'interview_notes': {
            'optional': true,
            'key': ['note_id'],
            'required': ['user_id', 'noted_at'],
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {
                'note_id': 'text', 'user_id': 'text', 'theme': 'label', 'sentiment': 'label', 'noted_at': 'time',
                'updated_at': 'time',
            },
        },
        'support_tickets': {
            'optional': true,
            'key': ['ticket_id'],
            'required': ['user_id', 'created_at'],
            'ranges': {'satisfaction': segmentation._survey_scale('satisfaction', scales)},
            'newest_by': 'updated_at',
            'may_be_missing': ['first_solved_at', 'reopened_at', 'updated_at'],
            'ends': ['first_solved_at', 'solved_at'],
            'columns': {
                'ticket_id': 'text', 'user_id': 'text', 'topic': 'label', 'priority': 'label', 'satisfaction': 'double',
                'satisfied_at': 'time', 'created_at': 'time', 'first_solved_at': 'time', 'reopened_at': 'time',
                'solved_at': 'time', 'updated_at': 'time',
            },
        },
        'invoices': {
            'optional': true,
            'key': ['invoice_id'],
            'required': ['amount', 'currency', 'paid_at'],
            'one_of': ['account_id', 'user_id'],
            'newest_by': 'updated_at',
            'may_be_missing': ['account_id', 'user_id', 'updated_at'],
            'columns': {
                'invoice_id': 'text', 'account_id': 'text', 'user_id': 'text', 'amount': 'money', 'currency': 'text',
                'paid_at': 'time', 'updated_at': 'time',
            },
        },
        'campaign_messages': {
            'optional': true,
            'key': ['message_id'],
            'required': ['campaign', 'user_id', 'assigned_at'],
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {
                'message_id': 'text', 'campaign': 'text', 'user_id': 'text', 'is_holdout': 'boolean',
                'assigned_at': 'time', 'sent_at': 'time', 'delivered_at': 'time', 'opened_at': 'time',
                'clicked_at': 'time', 'unsubscribed_at': 'time', 'updated_at': 'time',
            },
        },
        'experiment_assignments': {
            'optional': true,
            'key': ['experiment', 'variant', 'user_id', 'assigned_at'],
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {
                'experiment': 'text', 'variant': 'text', 'user_id': 'text', 'assigned_at': 'time', 'updated_at': 'time',
            },
        },
        'marketing_spend': {
            'optional': true,
            'key': ['spend_date', 'channel'],
            'required': ['amount'],
            'ranges': {'amount': [0, none]},
            'newest_by': 'updated_at',
            'may_be_missing': ['updated_at'],
            'columns': {'spend_date': 'date', 'channel': 'label', 'amount': 'money', 'updated_at': 'time'},
        },
    }) }}
{% endmacro %}
