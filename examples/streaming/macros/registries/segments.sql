{# The segments of this project, one line each; the first five are the package's lifecycle. #}
{% macro default__registered_segments() %}
    {{ return([
        'new_users',
        'inactive_users',
        'resurrected_users',
        'at_risk_users',
        'engaged_users',
        'daily_actives',
        'weekly_actives',
        'crime_watchers',
        'night_listeners',
        'almost_watchers',
        'jazz_lovers',
        'says_one_watches_another',
        'enterprise_senders',
        'small_business_owners',
        'advanced_senders',
    ]) }}
{% endmacro %}
