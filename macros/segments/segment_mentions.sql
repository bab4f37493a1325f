{#
    Whether the definition of a segment, or of one that it is defined by, mentions something: for results that follow from
    how the segment is defined.

    Arguments: segment (name), pattern (regular expression, found as a whole word in the criteria's SQL and words; of a segment
               in plain SQL in its text). Outside of execution (parse) always false.
    Call:      {% if segment_mentions('power_users', 'active_days_[0-9]+d') %}
#}
{% macro segment_mentions(segment, pattern) %}
    {{ return(segmentation._segment_mentions(segment, '(?<![A-Za-z0-9_])(' ~ pattern ~ ')(?![A-Za-z0-9_])', [])) }}
{% endmacro %}

{# The same for a complete expression. `above` holds the segments on the way here, against circles. #}
{% macro _segment_mentions(segment, expression, above) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set own = entry.get('segment', {}) %}
    {% set texts = (own['texts'].values() | list + own['expressions'].values() | list) if own else [entry.get('definition', '')] %}
    {% if modules.re.search(expression, texts | join('\n')) %}{{ return(true) }}{% endif %}
    {% for upstream in own.get('reads_segments', []) if upstream not in above %}
        {% if segmentation._segment_mentions(upstream, expression, above + [segment]) %}{{ return(true) }}{% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
