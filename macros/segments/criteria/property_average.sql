{#
    Users by the average of a numeric event property. Values that are no number are left out; a user without any value is
    not in it, whatever the bounds.

    Arguments: as in property_sum().
    Call:      property_average('report_exported', 'rows', at_least=100, within_days=28)
    Errors:    as in property_sum().
#}
{% macro property_average(
    event, property, at_least=none, at_most=none, exactly=none, within_days=none, between=none, within_days_of_signup=none,
    where=none
) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('property_average', kwargs, varargs, [
        'event', 'property', 'at_least', 'at_most', 'exactly', 'within_days', 'between',
        'within_days_of_signup', 'where',
    ])) %}
    {{ return(segmentation._property_criterion(
        'property_average', event, property, at_least, at_most, exactly, within_days, between, within_days_of_signup, where
    )) }}
{% endmacro %}
