{#
    The attributes by which segment_profiles describes a segment, one entry each:
      name        lower snake case; the value of the mart's column `attribute`
      label       what people read
      type        family of features: demographic, geographic, firmographic, technographic, customer, behavioral,
                  psychographic, value
      expression  SQL of a text over one row of user_features (default: the column of that name); NULL becomes `__unknown__`
      related     columns that decide the attribute, or that it decides, where related_columns() does not say so: a segment
                  defined by one of them, or by one related to it, is circular in the attribute

    A new attribute is one entry. A project that installs this one as a package may bring its own list
    (default__profile_attributes).

    Call:   {% for attribute in profile_attributes() %}
    Errors: a variable profile_values that is no whole number ≥ 1 stops the parse.
#}
{% macro profile_attributes() %}
    {% do segmentation._raise_problems(segmentation._argument_problems(
        'profile_attributes', [['profile_values', var('profile_values'), 'days']]
    )) %}
    {% set entries = [] %}
    {% for entry in adapter.dispatch('profile_attributes', 'segmentation')() %}
        {% set complete = dict(entry) %}
        {% do complete.update({
            'expression': entry.get('expression', 'population.' ~ entry.name),
            'related': entry.get('related', []),
        }) %}
        {% do entries.append(complete) %}
    {% endfor %}
    {{ return(entries) }}
{% endmacro %}

{% macro default__profile_attributes() %}
    {% set titles = ['job_title', 'role', 'seniority', 'department'] %}
    {% set places = ['country', 'state', 'city', 'region', 'climate_zone'] %}
    {# Unknown for those who did nothing in 91 days, so a definition by activity decides them in part. #}
    {% set use = ['active_days'] %}
    {{ return([
        {'name': 'age_band', 'label': 'Age', 'type': 'demographic'},
        {'name': 'gender', 'label': 'Gender', 'type': 'demographic'},
        {'name': 'income_band', 'label': 'Income', 'type': 'demographic'},
        {'name': 'language', 'label': 'Language', 'type': 'demographic'},
        {'name': 'job_title', 'label': 'Job title', 'type': 'demographic', 'related': titles},
        {'name': 'role', 'label': 'Role', 'type': 'demographic', 'related': titles},
        {'name': 'seniority', 'label': 'Seniority', 'type': 'demographic', 'related': titles},
        {'name': 'department', 'label': 'Department', 'type': 'demographic', 'related': titles},
        {'name': 'country', 'label': 'Country', 'type': 'geographic', 'related': places},
        {'name': 'state', 'label': 'State', 'type': 'geographic', 'related': places},
        {'name': 'city', 'label': 'City', 'type': 'geographic', 'related': places},
        {'name': 'region', 'label': 'Region', 'type': 'geographic', 'related': places},
        {'name': 'climate_zone', 'label': 'Climate zone', 'type': 'geographic', 'related': places},
        {'name': 'industry', 'label': 'Industry', 'type': 'firmographic'},
        {'name': 'business_model', 'label': 'Business model', 'type': 'firmographic'},
        {'name': 'company_size', 'label': 'Company size', 'type': 'firmographic'},
        {'name': 'revenue_band', 'label': "Company's revenue", 'type': 'firmographic'},
        {'name': 'crm_vendor', 'label': 'CRM', 'type': 'technographic'},
        {'name': 'marketing_automation_vendor', 'label': 'Marketing automation', 'type': 'technographic'},
        {'name': 'back_office_vendor', 'label': 'Back office', 'type': 'technographic'},
        {'name': 'database_vendor', 'label': 'Database', 'type': 'technographic'},
        {'name': 'primary_device', 'label': 'Device', 'type': 'technographic', 'related': use + ['primary_os', 'app_version']},
        {'name': 'primary_os', 'label': 'Operating system', 'type': 'technographic',
         'related': use + ['primary_device', 'app_version']},
        {'name': 'app_version', 'label': 'App version', 'type': 'technographic',
         'related': use + ['primary_device', 'primary_os']},
        {'name': 'plan', 'label': 'Plan', 'type': 'customer'},
        {'name': 'trial_outcome', 'label': 'Outcome of the trial', 'type': 'customer'},
        {'name': 'journey_stage', 'label': 'Journey stage', 'type': 'customer'},
        {'name': 'account_owner', 'label': 'Account owner', 'type': 'customer'},
        {'name': 'acquisition_channel', 'label': 'Acquisition channel', 'type': 'customer'},
        {'name': 'mrr_band', 'label': "Account's MRR", 'type': 'customer',
         'expression': segmentation.value_bands('mrr', [1, 100, 500, 1000])},
        {'name': 'seats_band', 'label': 'Seats', 'type': 'customer',
         'expression': segmentation.value_bands('seats', [1, 10, 50, 250])},
        {'name': 'tenure_band', 'label': 'Days since signup', 'type': 'customer', 'related': ['signup_week'],
         'expression': segmentation.value_bands('tenure_days', [28, 91, 182, 365])},
        {'name': 'day_part', 'label': 'Part of the day', 'type': 'behavioral', 'related': use},
        {'name': 'active_days_28d_band', 'label': 'Active days in 28 days', 'type': 'behavioral',
         'expression': segmentation.value_bands('active_days_28d', [1, 4, 12])},
        {'name': 'distinct_features_28d_band', 'label': 'Features used in 28 days', 'type': 'behavioral',
         'expression': segmentation.value_bands('distinct_features_28d', [1, 3, 6])},
        {'name': 'tickets_91d_band', 'label': 'Tickets in 91 days', 'type': 'behavioral',
         'expression': segmentation.value_bands('tickets_91d', [1, 2, 4])},
        {'name': 'nps_category', 'label': 'NPS', 'type': 'psychographic', 'related': ['days_since_survey']},
        {'name': 'csat_band', 'label': 'CSAT', 'type': 'psychographic', 'related': ['days_since_survey'],
         'expression': segmentation.value_bands('csat_score', [2, 3, 4, 5])},
        {'name': 'sentiment', 'label': 'Sentiment', 'type': 'psychographic'},
        {'name': 'interests', 'label': 'Interests', 'type': 'psychographic'},
        {'name': 'values', 'label': 'Values', 'type': 'psychographic'},
        {'name': 'lifestyle', 'label': 'Lifestyle', 'type': 'psychographic'},
        {'name': 'personality', 'label': 'Personality', 'type': 'psychographic'},
        {'name': 'primary_need', 'label': 'Primary need', 'type': 'psychographic'},
        {'name': 'inferred_affinity', 'label': 'What it is used for', 'type': 'psychographic', 'related': use},
        {'name': 'rfm_recency', 'label': 'RFM: recency', 'type': 'value'},
        {'name': 'rfm_frequency', 'label': 'RFM: frequency', 'type': 'value'},
        {'name': 'rfm_monetary', 'label': 'RFM: monetary', 'type': 'value'},
    ]) }}
{% endmacro %}
