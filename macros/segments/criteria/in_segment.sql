{#
    Users who are in another segment on the same date.

    Arguments: segment (a registered name, not the segment itself).
    Call:      in_segment('power_users')
    Errors:    an unregistered name or the segment's own stops the parse; a circle is reported by dbt.
#}
{% macro in_segment(segment) %}
    {% set problems = segmentation._argument_problems('in_segment', [['segment', segment, 'text']]) %}
    {% if not problems and segment not in segmentation.registered_segments() %}
        {% set nearest = segmentation._nearest_name(segment, segmentation.registered_segments()) %}
        {% do problems.append(
            "in_segment: `segment` must be registered, got '" ~ segment ~ "'"
            ~ ("; did you mean '" ~ nearest ~ "'?" if nearest else ".")
        ) %}
    {% endif %}
    {% do segmentation._raise_problems(problems) %}
    {{ return(segmentation._criterion('in_' ~ segment, 'in the segment ' ~ segment, {}, [segment])) }}
{% endmacro %}
