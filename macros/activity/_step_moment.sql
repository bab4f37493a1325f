{#
    The variable `same_second_steps_follow` decides whether a step in the same second as the step before follows it.

    False: a step must be later than the one before, to the microsecond. True: times count to the second, and what happens
    within one is in whatever order the steps ask for, since clocks and trackers cannot tell; but an event that is a step
    before already has to come in a later second, or one event would be two steps.
#}

{# SQL of the moment by which the order of steps is told. #}
{% macro _step_moment(column) %}
    {{ return(dbt.date_trunc('second', column) if segmentation.setting('same_second_steps_follow') else column) }}
{% endmacro %}

{# Whether the step may lie in the same second as the one before. Arguments: events (of the step), earlier (of all steps before). #}
{% macro _may_be_simultaneous(events, earlier) %}
    {{ return(segmentation.setting('same_second_steps_follow') and events | select('in', earlier) | list | length == 0) }}
{% endmacro %}
