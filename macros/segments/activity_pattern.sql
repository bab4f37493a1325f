{#
    A regular expression that finds the columns of user_features that tell how active somebody was: whoever is selected by one
    of them was active, or was not, before anything is measured.

    Call: {% if segment_mentions('power_users', activity_pattern()) %}
#}
{% macro activity_pattern() %}
    {{ return(
        '(active_days|active_days_previous|sessions|session_minutes|events|page_views|logins|distinct_features)_[0-9]+d'
        ~ '|days_since_last_seen|current_streak_days|usage_change_28d|inferred_affinity|health_score|rfm_recency|rfm_frequency'
    ) }}
{% endmacro %}
