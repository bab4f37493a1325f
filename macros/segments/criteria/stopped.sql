{#
    Users who performed an event in the last `was_within_days` days, but not in the last `not_within_days` of them.

    Arguments: event (a name or a list of names), was_within_days, not_within_days (whole numbers ≥ 1, the latter smaller).
    Call:      stopped('task_completed', was_within_days=28, not_within_days=14)
    Errors:    an unlisted event, or a 'not within' window that is not shorter, stops the parse.
#}
{% macro stopped(event, was_within_days, not_within_days) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('stopped', kwargs, varargs, [
        'event', 'was_within_days', 'not_within_days',
    ])) %}
    {% do segmentation._raise_problems(segmentation._stopped_problems(event, was_within_days, not_within_days)) %}
    {% set events = segmentation._event_list(event) %}
    {% set was = segmentation._count_measure(event, segmentation._period(was_within_days)) %}
    {% set lately = segmentation._count_measure(event, segmentation._period(not_within_days)) %}
    {{ return(segmentation._criterion(
        '(' ~ was.name ~ ' >= 1 and ' ~ lately.name ~ ' = 0)',
        'performed ' ~ events | join(' or ') ~ ' in the last ' ~ was_within_days ~ ' days, but not in the last '
        ~ not_within_days,
        dict(was.measures, **lately.measures),
    )) }}
{% endmacro %}

{# What is wrong with the arguments of stopped(), as a list of texts. #}
{% macro _stopped_problems(event, was_within_days, not_within_days) %}
    {% set problems = segmentation._argument_problems('stopped', [
        ['event', event, 'event'], ['was_within_days', was_within_days, 'required'], ['was_within_days', was_within_days, 'days'],
        ['not_within_days', not_within_days, 'required'], ['not_within_days', not_within_days, 'days'],
    ]) %}
    {% if not problems and not_within_days >= was_within_days %}
        {% do problems.append(
            'stopped: `not_within_days` must be smaller than `was_within_days`, got ' ~ not_within_days ~ ' and '
            ~ was_within_days ~ '.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
