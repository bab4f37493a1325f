{#
    Users whose n-th event of that name, counted over all history known on the date, lies in the window.

    Arguments: event (a name or a list of names), n (whole number ≥ 1), within_days or between or within_days_of_signup (as in performed()).
    Call:      performed_nth_time('report_exported', 3, within_days=28)
    Errors:    an unlisted event, n below 1 or a missing window stops the parse.
#}
{% macro performed_nth_time(event, n, within_days=none, between=none, within_days_of_signup=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('performed_nth_time', kwargs, varargs, [
        'event', 'n', 'within_days', 'between', 'within_days_of_signup',
    ])) %}
    {{ return(segmentation._nth_time('performed_nth_time', event, n, within_days, between, within_days_of_signup)) }}
{% endmacro %}

{#
    The n-th event lies in the window if fewer than n lie before it and at least n before its end.
#}
{% macro _nth_time(macro, event, n, within_days, between, within_days_of_signup) %}
    {% do segmentation._raise_problems(segmentation._nth_time_problems(
        macro, event, n, within_days, between, within_days_of_signup
    )) %}
    {% set events = segmentation._event_list(event) %}
    {% set period = segmentation._period(within_days, between, within_days_of_signup) %}
    {% if within_days is not none %}
        {% set before = 'activity.event_date <= ' ~ segmentation.days_before('dates.as_of_date', within_days) %}
    {% elif between is not none %}
        {% set before = "activity.event_date < cast('" ~ between[0] ~ "' as date)" %}
    {% else %}
        {% set before = 'activity.event_date < activity.signup_date' %}
    {% endif %}
    {% set lasting = {'sql': before, 'text': '', 'days': none, 'signup': period.signup, 'suffix': 'before_' ~ period.suffix} %}
    {% set inside = segmentation._count_measure(event, {
        'sql': period.sql, 'text': '', 'days': none, 'signup': period.signup, 'suffix': period.suffix
    }) %}
    {% set earlier = segmentation._count_measure(event, lasting) %}
    {% set measures = dict(inside.measures, **earlier.measures) %}
    {{ return(segmentation._criterion(
        '(' ~ earlier.name ~ ' < ' ~ n ~ ' and ' ~ earlier.name ~ ' + ' ~ inside.name ~ ' >= ' ~ n ~ ')',
        'performed ' ~ events | join(' or ') ~ (' for the first time ' if n == 1 else ' for time number ' ~ n ~ ' ') ~ period.text,
        measures,
    )) }}
{% endmacro %}

{# What is wrong with the arguments of performed_nth_time() and performed_first_time(), as a list of texts. #}
{% macro _nth_time_problems(macro, event, n, within_days=none, between=none, within_days_of_signup=none) %}
    {% set problems = segmentation._argument_problems(macro, [
        ['event', event, 'event'], ['n', n, 'required'], ['n', n, 'days'],
    ]) + segmentation._period_problems(macro, within_days, between, within_days_of_signup) %}
    {% if within_days is none and between is none and within_days_of_signup is none %}
        {% do problems.append(macro ~ ': one of `within_days`, `between` and `within_days_of_signup` is required.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
