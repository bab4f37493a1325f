{#
    Users whose count of an event changed against their own window before: current / previous − 1 over two windows of n
    days side by side. A user without the event in the previous window has no change and is not in it.

    Arguments: event (a name or a list of names), within_days (length of each window); at_least, at_most (numbers, −0.5 is
    down by half; at least one of them).
    Call:      changed_by('task_completed', at_most=-0.5, within_days=28)
    Errors:    an unlisted event, a missing window or bound, or a bound below −1 stops the parse.
#}
{% macro changed_by(event, within_days, at_least=none, at_most=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('changed_by', kwargs, varargs, [
        'event', 'within_days', 'at_least', 'at_most',
    ])) %}
    {% do segmentation._raise_problems(segmentation._changed_by_problems(event, within_days, at_least, at_most)) %}
    {% set current = segmentation._count_measure(event, segmentation._period(within_days)) %}
    {% set previous = segmentation._count_measure(event, {
        'sql': segmentation.in_window('activity.event_date', 'dates.as_of_date', within_days, within_days),
        'text': '', 'days': 2 * within_days, 'signup': false, 'suffix': 'previous_' ~ within_days ~ 'd',
    }) %}
    {#- Multiplied, not divided: 7 / 10 - 1 is a little less than -0.3 in doubles, and the bound must hold exactly. -#}
    {% set parts = [previous.name ~ ' >= 1'] %}
    {% for operator, bound in [['>=', at_least], ['<=', at_most]] if bound is not none %}
        {% do parts.append(current.name ~ ' - ' ~ previous.name ~ ' ' ~ operator ~ ' ' ~ bound ~ ' * ' ~ previous.name) %}
    {% endfor %}
    {{ return(segmentation._criterion(
        '(' ~ parts | join(' and ') ~ ')',
        'count of ' ~ segmentation._event_list(event) | join(' or ') ~ ' changed by '
        ~ segmentation._range_text(at_least, at_most, none) ~ ' (as a share) over ' ~ within_days
        ~ ' days against the ' ~ within_days ~ ' days before',
        dict(current.measures, **previous.measures),
    )) }}
{% endmacro %}

{# What is wrong with the arguments of changed_by(), as a list of texts. #}
{% macro _changed_by_problems(event, within_days, at_least=none, at_most=none) %}
    {% set problems = segmentation._argument_problems('changed_by', [
        ['event', event, 'event'], ['within_days', within_days, 'required'], ['within_days', within_days, 'days'],
    ]) + segmentation._range_problems('changed_by', at_least, at_most, none, 'number') %}
    {% if at_least is none and at_most is none %}
        {% do problems.append('changed_by: one of `at_least` and `at_most` is required.') %}
    {% endif %}
    {% if not problems %}
        {% for argument, bound in [['at_least', at_least], ['at_most', at_most]] if bound is not none and bound < -1 %}
            {% do problems.append(
                'changed_by: a fall cannot exceed 100%: `' ~ argument ~ '` must be ≥ -1, got ' ~ bound ~ '.'
            ) %}
        {% endfor %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
