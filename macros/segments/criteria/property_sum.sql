{#
    Users by the sum of a numeric event property. Values that are no number are left out; without any value the sum is 0.
    A sum that reaches a bound but for the rounding of doubles reaches it.

    Arguments: event (a name or a list of names), property; at_least, at_most, exactly (numbers; at least one of them);
    within_days, between, within_days_of_signup, where (as in performed()).
    Call:      property_sum('report_exported', 'rows', at_least=1000, within_days=28)
    Errors:    an unlisted event, a missing property or bound stops the parse.
#}
{% macro property_sum(
    event, property, at_least=none, at_most=none, exactly=none, within_days=none, between=none, within_days_of_signup=none,
    where=none
) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('property_sum', kwargs, varargs, [
        'event', 'property', 'at_least', 'at_most', 'exactly', 'within_days', 'between',
        'within_days_of_signup', 'where',
    ])) %}
    {{ return(segmentation._property_criterion(
        'property_sum', event, property, at_least, at_most, exactly, within_days, between, within_days_of_signup, where
    )) }}
{% endmacro %}

{# The common body of property_sum(), property_average() and property_distinct(). #}
{% macro _property_criterion(
    macro, event, property, at_least, at_most, exactly, within_days, between, within_days_of_signup, where
) %}
    {% do segmentation._raise_problems(segmentation._property_problems(
        macro, event, property, at_least, at_most, exactly, within_days, between, within_days_of_signup, where
    )) %}
    {% set events = segmentation._event_list(event) %}
    {% set period = segmentation._period(within_days, between, within_days_of_signup) %}
    {% set condition = 'activity.event_name in (' ~ segmentation.text_literals(events) ~ ') and ' ~ period.sql %}
    {% if where %}{% set condition = condition ~ ' and ' ~ segmentation._properties_sql(where) %}{% endif %}
    {% set kind = macro | replace('property_', '') %}
    {% set value = segmentation.event_property(property, 'text' if kind == 'distinct' else 'double') %}
    {% set values = 'case when ' ~ condition ~ ' then ' ~ value ~ ' end' %}
    {% set aggregate = {'sum': 'sum(', 'average': 'avg(', 'distinct': 'count(distinct '}[kind] ~ values ~ ')' %}
    {#- 0.1 + 0.2 - 0.3 is nothing, and neither above 0 nor below it. -#}
    {% if kind != 'distinct' %}
        {% set aggregate = 'case when abs(sum(' ~ values ~ ')) <= 1e-12 * sum(abs(' ~ values ~ ')) then 0e0 else ' ~ aggregate ~ ' end' %}
    {% endif %}
    {% set measure = segmentation._activity_measure(
        kind ~ '_' ~ property ~ '_' ~ events | join('_or_') ~ '_' ~ period.suffix, aggregate, events, period, where,
        'cast(null as double)' if kind == 'average' else '0', 'events',
    ) %}
    {{ return(segmentation._criterion(
        segmentation._range_sql(measure.name, at_least, at_most, exactly, kind != 'distinct'),
        {'sum': 'sum', 'average': 'average', 'distinct': 'number of different values'}[kind] ~ ' of ' ~ property ~ ' in '
        ~ events | join(' or ') ~ segmentation._properties_text(where) ~ ' is '
        ~ segmentation._range_text(at_least, at_most, exactly) ~ ' ' ~ period.text,
        measure.measures,
    )) }}
{% endmacro %}

{# What is wrong with the arguments of property_sum(), property_average() and property_distinct(), as a list of texts. #}
{% macro _property_problems(
    macro, event, property, at_least=none, at_most=none, exactly=none, within_days=none, between=none,
    within_days_of_signup=none, where=none
) %}
    {% set problems = segmentation._argument_problems(macro, [['event', event, 'event'], ['property', property, 'text']])
        + segmentation._range_problems(macro, at_least, at_most, exactly, 'count' if macro == 'property_distinct' else 'number')
        + segmentation._period_problems(macro, within_days, between, within_days_of_signup)
        + segmentation._properties_problems(macro, where) %}
    {% if at_least is none and at_most is none and exactly is none %}
        {% do problems.append(macro ~ ': one of `at_least`, `at_most` and `exactly` is required.') %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
