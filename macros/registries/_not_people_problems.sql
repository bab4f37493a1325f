{#
    What is wrong with the rules of the variable `not_people` beyond their form, as a list of texts.

    Arguments: rules (list of mappings of the right form).
#}
{% macro _not_people_problems(rules) %}
    {% set problems = [] %}
    {% for rule in rules %}
        {% set of_events = rule.get('event_names') or rule.get('event_values') %}
        {% if not rule.keys() | reject('in', ['name', 'whole_user']) | list %}
            {% do problems.append('vars: not_people: ' ~ rule.name ~ ' must be a rule with a condition, such as email_domains, got '
                ~ segmentation._shown(rule) ~ '.') %}
        {% elif rule.get('whole_user') and not of_events %}
            {% do problems.append('vars: not_people: ' ~ rule.name ~ ' must be a rule with event_names or event_values where it says '
                ~ 'whole_user, got ' ~ segmentation._shown(rule) ~ '.') %}
        {% endif %}
    {% endfor %}
    {{ return(problems) }}
{% endmacro %}
