{#
    The checked variable `same_second_steps_follow`: whether a step in the same second as the step before follows it.

    False (default): a step must be later than the one before, to the microsecond. True: times count to the second, and what
    happens within one is in whatever order the steps ask for, since clocks and trackers cannot tell; but an event that
    is a step before already has to come in a later second, or one event would be two steps.

    Call:   {% if same_second_steps_follow() %}
    Errors: another value than true and false stops the parse.
#}
{% macro same_second_steps_follow() %}
    {% set follow = var('same_second_steps_follow', false) %}
    {% do segmentation._raise_problems(
        segmentation._argument_problems('vars', [['same_second_steps_follow', follow, 'boolean'], ['same_second_steps_follow', follow, 'required']])
    ) %}
    {{ return(follow) }}
{% endmacro %}

{# SQL of the moment by which the order of steps is told. #}
{% macro _step_moment(column) %}
    {{ return(dbt.date_trunc('second', column) if segmentation.same_second_steps_follow() else column) }}
{% endmacro %}

{# Whether the step may lie in the same second as the one before. Arguments: events (of the step), earlier (of all steps before). #}
{% macro _may_be_simultaneous(events, earlier) %}
    {{ return(segmentation.same_second_steps_follow() and events | select('in', earlier) | list | length == 0) }}
{% endmacro %}
