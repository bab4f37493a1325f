{#
    Columns of user_features that say much the same of a user, or of which one is computed from another: group -> stems of
    columns. A stem is the name without its window, so `active_days` stands for active_days_7d, _28d, _91d and
    active_days_previous_28d. A column may be in several groups: the health score is made of activity, tickets and NPS.

    Two columns of one group are related. A segment that is chosen by one differs in the other by construction, so that the
    comparison of the two is circular (see circular_metrics()). Criteria over events count as all of `activity` and `first_use`.

    Call: {% for group, stems in related_columns().items() %}
#}
{% macro related_columns() %}
    {{ return({
        'activity': [
            'active_days', 'sessions', 'session_minutes', 'events', 'page_views', 'logins', 'distinct_features', 'usage_change',
            'days_since_last_seen', 'current_streak_days', 'rfm_recency', 'rfm_frequency', 'health_score',
        ],
        'first_use': ['days_to_first_use', 'is_activated', 'is_signup_observed'],
        'support': ['tickets', 'open_tickets', 'health_score'],
        'recommendation': ['nps_score', 'nps_category', 'health_score'],
        'contract': [
            'plan', 'is_trial', 'trial_outcome', 'journey_stage', 'mrr', 'seats', 'revenue', 'lifetime_revenue', 'rfm_monetary',
            'days_to_renewal', 'renewal_date', 'is_renewed', 'is_lead_converted', 'days_as_customer',
        ],
        'company_size': ['employee_count', 'company_size', 'annual_revenue', 'revenue_band'],
        'acquisition': ['acquisition_channel', 'acquisition_cost'],
        'campaigns': ['messages_delivered', 'messages_clicked'],
    }) }}
{% endmacro %}
