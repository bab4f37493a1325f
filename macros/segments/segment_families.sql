{#
    The families of features that a segment's criteria read, as a text, and those of the segments that it is defined by: which types
    it combines. What users did (performed() and the like) is behavioral.

    Arguments: segment (name). Outside of execution (parse) none are known.
    Call:      {{ segment_families('power_users') }} gives behavioral
#}
{% macro segment_families(segment) %}
    {% set features, found = {}, [] %}
    {% for feature in segmentation.features() %}
        {% do features.setdefault(feature.family, []).append(feature.name) %}
    {% endfor %}
    {% for family, names in features.items() %}
        {% if segmentation.segment_mentions(segment, names | join('|'))
            or (family == 'behavioral' and segmentation._does_something(segment, [])) %}
            {% do found.append(family) %}
        {% endif %}
    {% endfor %}
    {{ return(found | join(', ')) }}
{% endmacro %}

{# Whether a segment, or one that it is defined by, asks for an event. `above`: the segments on the way here. #}
{% macro _does_something(segment, above) %}
    {% if segmentation.segment_events(segment) %}{{ return(true) }}{% endif %}
    {% for upstream in (segmentation.segment_entry(segment).get('segment') or {}).get('reads_segments', []) if upstream not in above %}
        {% if segmentation._does_something(upstream, above + [segment]) %}{{ return(true) }}{% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
