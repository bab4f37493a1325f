{#
    Users who are in another segment on one day, by today's definition of it: on that date and all later ones; before it nobody.

    Arguments: segment (a registered name, not the segment itself), on (YYYY-MM-DD; the last date of as_of_dates up to it counts,
    so name it in `extra_as_of_dates` if it is not the end of a period).
    Call:      was_in('at_risk_users', on='2026-09-01')
    Errors:    an unregistered name, the segment's own, a cycle, or no date stops the parse.
#}
{% macro was_in(segment, on) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('was_in', kwargs, varargs, ['segment', 'on'])) %}
    {% do segmentation._raise_problems(segmentation._was_in_problems(segment, on)) %}
    {% set measure = {'kind': 'list', 'segment': segment, 'on': on} %}
    {% set name = segmentation._measure_name('was_in_' ~ segment, measure) %}
    {{ return(segmentation._criterion(name, 'in the segment ' ~ segment ~ ' on ' ~ on, {name: measure}, [segment])) }}
{% endmacro %}

{# What is wrong with the arguments of was_in(), as a list of texts. #}
{% macro _was_in_problems(segment, on) %}
    {% set problems = [] %}
    {% for problem in segmentation._in_segment_problems(segment) %}
        {% do problems.append(problem | replace('in_segment:', 'was_in:')) %}
    {% endfor %}
    {{ return(problems + segmentation._argument_problems('was_in', [['on', on, 'required'], ['on', on, 'date']])) }}
{% endmacro %}
