{#
    Users for whom a date lies in the next or the last n days. Next: after the date, up to n days ahead (> D and <= D + n);
    last: as a window (> D − n and <= D). Without a date a user is not in it.

    Arguments: date ('renewal_date', 'signup_date', 'last_seen_date', 'signup_week', or SQL over user_features that gives a
    date); next_days or last_days (whole number ≥ 1; exactly one of them).
    Call:      date_within('renewal_date', next_days=90)
    Errors:    no window or two, or another number of days, stops the parse.
#}
{% macro date_within(date, next_days=none, last_days=none) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('date_within', kwargs, varargs, [
        'date', 'next_days', 'last_days',
    ])) %}
    {% do segmentation._raise_problems(segmentation._date_within_problems(date, next_days, last_days)) %}
    {% set sql = {
        'renewal_date': segmentation.days_before('as_of_date', '-days_to_renewal'),
        'signup_date': segmentation.days_before('as_of_date', 'tenure_days'),
        'last_seen_date': segmentation.days_before('as_of_date', 'days_since_last_seen'),
    }.get(date, '(' ~ date ~ ')') %}
    {{ return(segmentation._criterion(
        segmentation.in_window(sql, 'as_of_date', last_days) if last_days is not none
        else '(' ~ sql ~ ' > as_of_date and ' ~ sql ~ ' <= ' ~ segmentation.days_before('as_of_date', -next_days) ~ ')',
        date ~ ' lies in the ' ~ ('last ' ~ last_days if last_days is not none else 'next ' ~ next_days) ~ ' days',
    )) }}
{% endmacro %}

{# What is wrong with the arguments of date_within(), as a list of texts. #}
{% macro _date_within_problems(date, next_days=none, last_days=none) %}
    {% set problems = segmentation._argument_problems('date_within', [
        ['date', date, 'text'], ['next_days', next_days, 'days'], ['last_days', last_days, 'days'],
    ]) %}
    {% if (next_days is none) == (last_days is none) %}
        {% do problems.append('date_within: exactly one of `next_days` and `last_days` is required.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
