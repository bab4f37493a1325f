{#
    Users who performed an event in at least n of the last m periods of k days. Period j is the days > D − k(j+1) and
    <= D − kj, so period 0 ends with the date. What counts per period is at_least (default 1), at_most or exactly, as in
    performed(), zero included unless include_zero is false.

    Arguments: event (a name or a list of names), in_periods (n), of_periods (m), period_days (k), whole numbers ≥ 1;
    at_least, at_most, exactly, include_zero.
    Call:      performed_regularly('logged_in', in_periods=3, of_periods=4, period_days=7)
    Errors:    an unlisted event, or more periods asked for than there are, stops the parse.
#}
{% macro performed_regularly(
    event, in_periods, of_periods, period_days, at_least=none, at_most=none, exactly=none, include_zero=true
) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('performed_regularly', kwargs, varargs, [
        'event', 'in_periods', 'of_periods', 'period_days', 'at_least', 'at_most', 'exactly',
        'include_zero',
    ])) %}
    {% do segmentation._raise_problems(segmentation._performed_regularly_problems(
        event, in_periods, of_periods, period_days, at_least, at_most, exactly, include_zero
    )) %}
    {% set least = 1 if at_least is none and at_most is none and exactly is none else at_least %}
    {% set events = segmentation._event_list(event) %}
    {% set measures = {} %}
    {% set met = [] %}
    {% for back in range(of_periods) %}
        {% set count = segmentation._count_measure(event, {
            'sql': segmentation.in_window('activity.event_date', 'dates.as_of_date', period_days, back * period_days),
            'text': '', 'days': period_days * (back + 1), 'signup': false,
            'suffix': period_days ~ 'd_period_' ~ back,
        }) %}
        {% do measures.update(count.measures) %}
        {% set condition = segmentation._range_sql(count.name, least, at_most, exactly) %}
        {% if not include_zero %}{% set condition = '(' ~ count.name ~ ' >= 1 and ' ~ condition ~ ')' %}{% endif %}
        {% do met.append('case when ' ~ condition ~ ' then 1 else 0 end') %}
    {% endfor %}
    {{ return(segmentation._criterion(
        '(' ~ met | join(' + ') ~ ' >= ' ~ in_periods ~ ')',
        'performed ' ~ events | join(' or ') ~ ' ' ~ segmentation._range_text(least, at_most, exactly) ~ ' times in at least '
        ~ in_periods ~ ' of ' ~ of_periods ~ ' periods of ' ~ period_days ~ ' days'
        ~ ('' if include_zero else ', zero left out'),
        measures,
    )) }}
{% endmacro %}

{# What is wrong with the arguments of performed_regularly(), as a list of texts. #}
{% macro _performed_regularly_problems(
    event, in_periods, of_periods, period_days, at_least=none, at_most=none, exactly=none, include_zero=true
) %}
    {% set problems = segmentation._argument_problems('performed_regularly', [
        ['event', event, 'event'], ['in_periods', in_periods, 'required'], ['in_periods', in_periods, 'days'],
        ['of_periods', of_periods, 'required'], ['of_periods', of_periods, 'days'],
        ['period_days', period_days, 'required'], ['period_days', period_days, 'days'],
        ['include_zero', include_zero, 'boolean'],
    ]) + segmentation._range_problems('performed_regularly', at_least, at_most, exactly, include_zero=include_zero) %}
    {% if not problems and in_periods > of_periods %}
        {% do problems.append(
            'performed_regularly: `in_periods` must not be above `of_periods`, got ' ~ in_periods ~ ' and ' ~ of_periods ~ '.'
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
