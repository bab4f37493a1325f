{#
    The columns that user_features takes from each family: family -> list of columns. The family's model is
    user_<family>_features. A new feature is one column in its family's SQL and one name here.

    Call: {% for family, columns in feature_families().items() %}
#}
{% macro feature_families() %}
    {% set windowed = [] %}
    {% for measure in [
        'active_days', 'sessions', 'session_minutes', 'events', 'page_views', 'logins', 'distinct_features'
    ] %}
        {% for days in [7, 28, 91] %}
            {% do windowed.append(measure ~ '_' ~ days ~ 'd') %}
        {% endfor %}
    {% endfor %}
    {{ return({
        'demographic': [
            'age_band', 'gender', 'income_band', 'language', 'job_title', 'role', 'seniority', 'department',
        ],
        'geographic': ['country', 'state', 'city', 'region', 'climate_zone'],
        'firmographic': [
            'industry', 'business_model', 'company_size', 'revenue_band', 'employee_count', 'annual_revenue',
        ],
        'technographic': [
            'crm_vendor', 'marketing_automation_vendor', 'back_office_vendor', 'database_vendor', 'primary_device',
            'primary_os', 'app_version',
        ],
        'customer': [
            'plan', 'trial_outcome', 'journey_stage', 'account_owner', 'acquisition_channel', 'days_in_stage', 'mrr',
            'mrr_91d_ago', 'seats', 'days_to_renewal', 'days_as_customer', 'tenure_days', 'is_trial', 'is_renewed_91d',
            'is_lead_converted', 'signup_week',
        ],
        'behavioral': ['day_part'] + windowed + [
            'active_days_previous_28d', 'days_since_last_seen', 'current_streak_days', 'usage_change_28d',
            'tickets_91d', 'open_tickets', 'days_to_first_use', 'is_signup_observed', 'is_activated',
        ],
        'psychographic': [
            'nps_category', 'sentiment', 'interests', 'values', 'lifestyle', 'personality', 'primary_need',
            'inferred_affinity', 'nps_score', 'csat_score', 'days_since_survey',
        ],
        'value': [
            'rfm_recency', 'rfm_frequency', 'rfm_monetary', 'revenue_91d', 'lifetime_revenue', 'account_users',
            'health_score',
        ],
        'marketing': ['acquisition_cost', 'messages_delivered_91d', 'messages_clicked_91d'],
    }) }}
{% endmacro %}
