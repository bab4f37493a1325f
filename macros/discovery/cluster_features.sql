{#
    What clusters are formed by, one entry each:
      name        name in lower snake case
      expression  SQL text over one row of user_features; NULL counts as the mean of the others
    All are put in standard deviations, so each counts the same: two entries that say the same count twice. Counts and amounts
    in logarithms, or a few heavy users become clusters of their own. A changed entry means a new fit. A project that
    installs this one as a package writes a macro of its own (default__cluster_features).

    Call:   {% for feature in cluster_features() %}
    Errors: no entry, more than 9, a name given twice or one that is no name stop the parse.
#}
{% macro cluster_features() %}
    {% set features = adapter.dispatch('cluster_features', 'segmentation')() %}
    {% set problems = segmentation._feature_list_problems('cluster_features', features, 9) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {{ return(features) }}
{% endmacro %}

{% macro default__cluster_features() %}
    {{ return([
        {'name': 'log_active_days', 'expression': 'ln(1e0 + active_days_91d)'},
        {'name': 'log_minutes_per_session', 'expression': 'ln(1e0 + session_minutes_91d / nullif(sessions_91d, 0))'},
        {'name': 'distinct_features', 'expression': 'distinct_features_91d'},
        {'name': 'log_days_since_last_seen', 'expression': 'ln(1e0 + days_since_last_seen)'},
        {'name': 'log_tenure', 'expression': 'ln(1e0 + tenure_days)'},
    ]) }}
{% endmacro %}
