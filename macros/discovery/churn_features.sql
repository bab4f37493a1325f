{#
    What the churn score knows of a user, one entry each:
      name        name of the term in lower snake case
      expression  SQL text over one row of user_features; NULL counts as the mean of the others
    At most 9, so that with the intercept 10 coefficients are fitted. A new feature is one entry. A project that installs this
    one as a package writes a macro of its own (default__churn_features).

    Call:   {% for feature in churn_features() %}
    Errors: no entry, more than 9, a name given twice or one that is no name stop the parse.
#}
{% macro churn_features() %}
    {% set features = adapter.dispatch('churn_features', 'segmentation')() %}
    {% set problems = segmentation._feature_list_problems('churn_features', features, 9) %}
    {% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
    {{ return(features) }}
{% endmacro %}

{% macro default__churn_features() %}
    {{ return([
        {'name': 'active_days', 'expression': 'active_days_28d'},
        {'name': 'active_days_before', 'expression': 'active_days_previous_28d'},
        {'name': 'days_since_last_seen', 'expression': 'days_since_last_seen'},
        {'name': 'distinct_features', 'expression': 'distinct_features_28d'},
        {'name': 'log_session_minutes', 'expression': 'ln(1e0 + session_minutes_28d)'},
        {'name': 'log_tenure', 'expression': 'ln(1e0 + tenure_days)'},
        {'name': 'log_revenue', 'expression': 'ln(1e0 + case when revenue_91d > 0 then revenue_91d else 0e0 end)'},
        {'name': 'tickets', 'expression': 'tickets_91d'},
    ]) }}
{% endmacro %}

{# What is wrong with a list of features, as a list of texts. #}
{% macro _feature_list_problems(macro, features, most) %}
    {% set problems = [] %}
    {% set names = features | map(attribute='name') | list %}
    {% if not 1 <= features | length <= most %}
        {% do problems.append(macro ~ ": there must be 1 to " ~ most ~ " features, got " ~ features | length ~ ".") %}
    {% endif %}
    {% for name in names %}
        {% if not modules.re.match('^[a-z][a-z0-9_]*$', name | string) or name == 'intercept' %}
            {% do problems.append(macro ~ ": `name` must be in lower snake case and not intercept, got '" ~ name ~ "'.") %}
        {% endif %}
    {% endfor %}
    {% if names | unique | list | length < names | length %}
        {% do problems.append(macro ~ ": a name is given twice: " ~ names | join(', ') ~ ".") %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
