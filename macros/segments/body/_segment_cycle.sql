{#
    The segments that each segment parsed so far is defined by, those of this one included: segment -> list of names.

    While dbt parses there is no graph yet, and its mapping is empty: it serves as the place that the models share. In execution
    there is nothing to find, since dbt refuses a cycle before. After a partial parse the place may lack segments; then dbt's
    own message comes ("Found a cycle"), and scripts/build.py says what to do.
#}
{% macro _reads_of_segments(segments) %}
    {% if execute or graph is undefined or segmentation._is_off(model) %}{{ return({}) }}{% endif %}
    {% set reads = graph.setdefault('reads_of_segments', {}) %}
    {% do reads.update({model.name: segments}) %}
    {{ return(reads) }}
{% endmacro %}

{# The way from a segment to itself, as a list of names; empty if there is none. `reads` maps segments to those they read. #}
{% macro _segment_cycle(segment, upstream, reads) %}
    {% set seen = {} %}
    {{ return(segmentation._way_to_segment(segment, upstream, reads, [segment], seen)) }}
{% endmacro %}

{# `way` leads here; `seen` holds the segments that were followed, each of them once. #}
{% macro _way_to_segment(segment, upstream, reads, way, seen) %}
    {% for name in upstream if name not in seen %}
        {% if name == segment %}{{ return(way + [segment]) }}{% endif %}
        {% do seen.update({name: true}) %}
        {% set found = segmentation._way_to_segment(segment, reads.get(name, []), reads, way + [name], seen) %}
        {% if found %}{{ return(found) }}{% endif %}
    {% endfor %}
    {{ return([]) }}
{% endmacro %}
