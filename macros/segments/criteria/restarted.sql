{#
    Users who performed an event again after a gap: at some time before the gap, not in it, and since its end.
    The gap is the days from `gap_from_days` to `gap_to_days` before the date: > D − gap_from and <= D − gap_to.

    Arguments: event (a name or a list of names), gap_from_days, gap_to_days (whole numbers ≥ 1, the latter smaller).
    Call:      restarted('task_completed', gap_from_days=35, gap_to_days=7)
    Errors:    an unlisted event, or a gap whose end is not nearer than its start, stops the parse.
#}
{% macro restarted(event, gap_from_days, gap_to_days) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('restarted', kwargs, varargs, [
        'event', 'gap_from_days', 'gap_to_days',
    ])) %}
    {% do segmentation._raise_problems(segmentation._restarted_problems(event, gap_from_days, gap_to_days)) %}
    {% set events = segmentation._event_list(event) %}
    {% set ever = segmentation._count_measure(event, segmentation._period()) %}
    {% set since_start = segmentation._count_measure(event, segmentation._period(gap_from_days)) %}
    {% set since_end = segmentation._count_measure(event, segmentation._period(gap_to_days)) %}
    {{ return(segmentation._criterion(
        '(' ~ ever.name ~ ' > ' ~ since_start.name ~ ' and ' ~ since_start.name ~ ' = ' ~ since_end.name ~ ' and '
        ~ since_end.name ~ ' >= 1)',
        'performed ' ~ events | join(' or ') ~ ' again in the last ' ~ gap_to_days ~ ' days, after a gap from ' ~ gap_from_days
        ~ ' to ' ~ gap_to_days ~ ' days ago',
        dict(ever.measures, **dict(since_start.measures, **since_end.measures)),
    )) }}
{% endmacro %}

{# What is wrong with the arguments of restarted(), as a list of texts. #}
{% macro _restarted_problems(event, gap_from_days, gap_to_days) %}
    {% set problems = segmentation._argument_problems('restarted', [
        ['event', event, 'event'], ['gap_from_days', gap_from_days, 'required'], ['gap_from_days', gap_from_days, 'days'],
        ['gap_to_days', gap_to_days, 'required'], ['gap_to_days', gap_to_days, 'days'],
    ]) %}
    {% if not problems and gap_to_days >= gap_from_days %}
        {% do problems.append(
            'restarted: `gap_to_days` must be smaller than `gap_from_days`, got ' ~ gap_to_days ~ ' and ' ~ gap_from_days ~ '.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
