{#
    Users who performed an event, by how often and when. One of at_least, at_most, exactly (or at_least with at_most);
    without any of them: at least once. A user who never did it has a count of zero, which `at_most` and `exactly=0` include;
    `include_zero=false` leaves such users out.

    Arguments: event (a name of `vars: events`, or a list of names of which any counts); at_least (whole number ≥ 1), at_most,
    exactly (whole numbers ≥ 0); within_days (window of n days that ends with the date) or between (two dates, both included) or
    within_days_of_signup (days 0 to n − 1), none of them: ever; where (property -> value, list, or {operator: value});
    include_zero.
    Call:   performed('report_exported', at_least=3, within_days=28, where={'format': 'csv'})
    Errors: an unlisted event, a count below zero, `at_least=0` (everybody), an empty range, two windows, or an order between
            a property and a text stop the parse.
#}
{% macro performed(
    event, at_least=none, at_most=none, exactly=none, within_days=none, between=none, within_days_of_signup=none,
    where=none, include_zero=true
) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('performed', kwargs, varargs, [
        'event', 'at_least', 'at_most', 'exactly', 'within_days', 'between', 'within_days_of_signup',
        'where', 'include_zero',
    ])) %}
    {% do segmentation._raise_problems(segmentation._performed_problems(
        event, at_least, at_most, exactly, within_days, between, within_days_of_signup, where, include_zero
    )) %}
    {% set least = 1 if at_least is none and at_most is none and exactly is none else at_least %}
    {% set period = segmentation._period(within_days, between, within_days_of_signup) %}
    {% set count = segmentation._count_measure(event, period, where) %}
    {% set sql = segmentation._range_sql(count.name, least, at_most, exactly) %}
    {% if not include_zero %}{% set sql = '(' ~ count.name ~ ' >= 1 and ' ~ sql ~ ')' %}{% endif %}
    {{ return(segmentation._criterion(
        sql,
        'performed ' ~ segmentation._event_list(event) | join(' or ') ~ segmentation._properties_text(where) ~ ' '
        ~ segmentation._range_text(least, at_most, exactly) ~ ' times ' ~ period.text
        ~ ('' if include_zero else ', zero left out'),
        count.measures,
    )) }}
{% endmacro %}

{# What is wrong with the arguments of performed(), as a list of texts. #}
{% macro _performed_problems(
    event, at_least=none, at_most=none, exactly=none, within_days=none, between=none, within_days_of_signup=none,
    where=none, include_zero=true
) %}
    {{ return(
        segmentation._argument_problems('performed', [['event', event, 'event'], ['include_zero', include_zero, 'boolean']])
        + segmentation._range_problems('performed', at_least, at_most, exactly, include_zero=include_zero)
        + segmentation._period_problems('performed', within_days, between, within_days_of_signup)
        + segmentation._properties_problems('performed', where)
    ) }}
{% endmacro %}
