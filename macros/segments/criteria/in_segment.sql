{#
    Users who are in another segment on the same date.

    Arguments: segment (a registered name, not the segment itself).
    Call:      in_segment('power_users')
    Errors:    an unregistered name, the segment's own, or a cycle over other segments stops the parse.
#}
{% macro in_segment(segment) %}
    {% do segmentation._raise_problems(segmentation._unknown_arguments('in_segment', kwargs, varargs, ['segment'])) %}
    {% do segmentation._raise_problems(segmentation._in_segment_problems(segment)) %}
    {{ return(segmentation._criterion('in_' ~ segment, 'in the segment ' ~ segment, {}, [segment])) }}
{% endmacro %}

{# What is wrong with the arguments of in_segment(), as a list of texts. #}
{% macro _in_segment_problems(segment) %}
    {% set problems = segmentation._argument_problems('in_segment', [['segment', segment, 'text']]) %}
    {% if not problems and segment not in segmentation.registered_segments() %}
        {% set nearest = segmentation._nearest_name(segment, segmentation.registered_segments()) %}
        {% do problems.append(
            "in_segment: `segment` must be registered, got '" ~ segment ~ "'"
            ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
        ) %}
    {% endif %}
    {{ return(problems) }}
{% endmacro %}
