{# What is wrong with the variable experiment_metrics beyond its rule, as a list of texts: a guardrail has a margin, and nothing else has. #}
{% macro _chosen_roles_problems(value) %}
    {% set problems = [] %}
    {% for experiment, outcomes in value.items() %}
        {% for entry in segmentation.experiment_metrics() if entry.name in outcomes %}
            {% set choice = outcomes[entry.name] %}
            {% set role = choice.get('role', entry.role) %}
            {% set start = 'vars: experiment_metrics: ' ~ experiment ~ ': ' ~ entry.name ~ ': ' %}
            {% if role == 'guardrail' and 'margin' not in choice and 'margin' not in entry %}
                {% do problems.append(start ~ '`margin` is required; it must be a number above 0 and below 1, since this is a guardrail.') %}
            {% elif role != 'guardrail' and 'margin' in choice %}
                {% do problems.append(
                    start ~ '`margin` must be left out for the role ' ~ role ~ ', got ' ~ choice.margin ~ '; or add `role: guardrail`.'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
