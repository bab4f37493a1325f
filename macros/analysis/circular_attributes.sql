{#
    The attributes in which each segment differs by its own definition, as a mapping segment -> list of names. The same rule
    as circular_metrics(), which says what counts as related.

    Arguments: segments (list of names), attributes (entries of profile_attributes()).
    Call:      {% set circular = circular_attributes(registered_segments(), profile_attributes()) %}
#}
{% macro circular_attributes(segments, attributes) %}
    {% set entries = [] %}
    {% for attribute in attributes %}
        {% do entries.append({
            'name': attribute.name, 'expression': attribute.expression, 'numerator': attribute.related | join(' '),
        }) %}
    {% endfor %}
    {{ return(segmentation.circular_metrics(segments, entries)) }}
{% endmacro %}
