{#
    Which rows of activity a count looks at: a mapping {sql, text, days, signup}. Exactly one of within_days, between and
    within_days_of_signup, or none of them for all history.
#}
{% macro _period(within_days=none, between=none, within_days_of_signup=none) %}
    {% if within_days is not none %}
        {{ return({
            'sql': segmentation.in_window('activity.event_date', 'dates.as_of_date', within_days),
            'text': 'in the last ' ~ within_days ~ ' days', 'days': within_days, 'signup': false, 'suffix': within_days ~ 'd',
        }) }}
    {% elif between is not none %}
        {{ return({
            'sql': "activity.event_date between cast('" ~ between[0] ~ "' as date) and cast('" ~ between[1] ~ "' as date)",
            'text': 'between ' ~ between[0] ~ ' and ' ~ between[1], 'days': none, 'signup': false, 'suffix': 'between',
        }) }}
    {% elif within_days_of_signup is not none %}
        {{ return({
            'sql': '(activity.event_date >= activity.signup_date and activity.event_date < '
                ~ segmentation.days_before('activity.signup_date', -within_days_of_signup) ~ ')',
            'text': 'in the first ' ~ within_days_of_signup ~ ' days since signup', 'days': none, 'signup': true,
            'suffix': 'first_' ~ within_days_of_signup ~ 'd',
        }) }}
    {% endif %}
    {{ return({'sql': 'true', 'text': 'ever', 'days': none, 'signup': false, 'suffix': 'ever'}) }}
{% endmacro %}

{# What is wrong with the arguments of _period(), as a list of texts. #}
{% macro _period_problems(macro, within_days, between, within_days_of_signup) %}
    {% set problems = segmentation._argument_problems(macro, [
        ['within_days', within_days, 'days'], ['within_days_of_signup', within_days_of_signup, 'days'],
    ]) %}
    {% if between is not none %}
        {% if between is string or between is not sequence or between | length != 2 %}
            {% do problems.append(macro ~ ': `between` must be a list of two dates, got ' ~ tojson(between) ~ '.') %}
        {% else %}
            {% set dated = segmentation._argument_problems(macro, [
                ['between', between[0], 'date'], ['between', between[1], 'date'],
            ]) %}
            {% do problems.extend(dated) %}
            {% if not dated and between[0] > between[1] %}
                {% do problems.append(
                    macro ~ ': `between` must name the earlier date first, got ' ~ between[0] ~ ' and ' ~ between[1] ~ '.'
                ) %}
            {% endif %}
        {% endif %}
    {% endif %}
    {% if [within_days, between, within_days_of_signup] | reject('none') | list | length > 1 %}
        {% do problems.append(
            macro ~ ': only one of `within_days`, `between` and `within_days_of_signup` can be given.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
