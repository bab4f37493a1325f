{#
    The segments whose definition, or that of a segment they are defined by, says how active their users were, as a list.

    Arguments: segments (names), by_events (whether criteria over any event say it too; default true).
               Outside of execution (parse) the list is empty.
    Call:      {% set circular = segments_by_activity(registered_segments()) %}
#}
{% macro segments_by_activity(segments, by_events=true) %}
    {% set groups = segmentation._groups_of_columns() %}
    {% set found = [] %}
    {% for segment in segments if execute and 'group: activity' in segmentation._segment_subjects(segment, groups, [], by_events) %}
        {% do found.append(segment) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
