{# The segments of this project, one line each; the package's lifecycle comes before them. #}
{% macro default__registered_segments() %}
    {{ return([
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
