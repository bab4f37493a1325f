{#
    Users who performed one event more than k times as often as another: count of `event` > times × count of `than_event`.
    A user without either is not in it (0 is not more than 0).

    Arguments: event, than_event (names or lists of names), times (number > 0), within_days, between or within_days_of_signup.
    Call:      performed_more_than('report_exported', than_event='report_created', times=2, within_days=28)
    Errors:    an unlisted event, or times that is no number above 0, stops the parse.
#}
{% macro performed_more_than(event, than_event, times=1, within_days=none, between=none, within_days_of_signup=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('performed_more_than', kwargs, varargs, [
        'event', 'than_event', 'times', 'within_days', 'between', 'within_days_of_signup',
    ])) %}
    {% do segmentation._raise_problems(segmentation._performed_more_than_problems(
        event, than_event, times, within_days, between, within_days_of_signup
    )) %}
    {% set period = segmentation._period(within_days, between, within_days_of_signup) %}
    {% set count = segmentation._count_measure(event, period) %}
    {% set other = segmentation._count_measure(than_event, period) %}
    {{ return(segmentation._criterion(
        '(' ~ count.name ~ ' > ' ~ times ~ ' * ' ~ other.name ~ ')',
        'performed ' ~ segmentation._event_list(event) | join(' or ') ~ ' more than ' ~ times ~ ' times as often as '
        ~ segmentation._event_list(than_event) | join(' or ') ~ ' ' ~ period.text,
        dict(count.measures, **other.measures),
    )) }}
{% endmacro %}

{# What is wrong with the arguments of performed_more_than(), as a list of texts. #}
{% macro _performed_more_than_problems(
    event, than_event, times=1, within_days=none, between=none, within_days_of_signup=none
) %}
    {% set problems = segmentation._argument_problems('performed_more_than', [
        ['event', event, 'event'], ['than_event', than_event, 'event'], ['times', times, 'required'],
        ['times', times, 'number'],
    ]) + segmentation._period_problems('performed_more_than', within_days, between, within_days_of_signup) %}
    {% if not problems and times <= 0 %}
        {% do problems.append('performed_more_than: `times` must be above 0, got ' ~ times ~ '.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
