{#
    Users by how many different values an event property has, compared as text; a missing property is no value.

    Arguments: as in property_sum(), the bounds are whole numbers: at_least ≥ 1, at_most and exactly ≥ 0.
    Call:      property_distinct('page_viewed', 'page', at_least=5, within_days=28)
    Errors:    as in property_sum().
#}
{% macro property_distinct(
    event, property, at_least=none, at_most=none, exactly=none, within_days=none, between=none, within_days_of_signup=none,
    where=none
) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('property_distinct', kwargs, varargs, [
        'event', 'property', 'at_least', 'at_most', 'exactly', 'within_days', 'between',
        'within_days_of_signup', 'where',
    ])) %}
    {{ return(segmentation._property_criterion(
        'property_distinct', event, property, at_least, at_most, exactly, within_days, between, within_days_of_signup, where
    )) }}
{% endmacro %}
