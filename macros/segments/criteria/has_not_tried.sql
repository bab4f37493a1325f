{#
    Users who have never performed an event up to the date: whom to show a feature.

    Arguments: event (a name of `vars: events`, or a list: none of them).
    Call:      has_not_tried('automation_created')
    Errors:    an unlisted event stops the parse.
#}
{% macro has_not_tried(event) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('has_not_tried', kwargs, varargs, ['event'])) %}
    {% do segmentation._raise_problems(segmentation._has_not_tried_problems(event)) %}
    {% set count = segmentation._count_measure(event, segmentation._period()) %}
    {{ return(segmentation._criterion(
        '(' ~ count.name ~ ' = 0)', 'has never tried ' ~ segmentation._event_list(event) | join(' or '), count.measures,
    )) }}
{% endmacro %}

{# What is wrong with the arguments of has_not_tried(), as a list of texts. #}
{% macro _has_not_tried_problems(event) %}
    {{ return(segmentation._argument_problems('has_not_tried', [['event', event, 'event']])) }}
{% endmacro %}
