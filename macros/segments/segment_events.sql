{#
    The events that a segment's criteria name, as SQL literals. Segments in plain SQL do not say which they read.

    Arguments: segment (name). Outside of execution (parse) none are known.
    Call:      {% for event in segment_events('power_users') %}
#}
{% macro segment_events(segment) %}
    {% set literals = [] %}
    {% for event in (segmentation.segment_entry(segment).get('segment') or {}).get('events') or [] %}
        {% do literals.append(segmentation.text_literal(event)) %}
    {% endfor %}
    {{ return(literals) }}
{% endmacro %}
