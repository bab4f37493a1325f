{#
    Whether any of the given columns of user_features occurs in a segment's definition, or in that of a segment it is made of.

    Whole words are compared; a column with windows may be given without its window: active_days finds active_days_28d.
    The word `reads_activity` finds every definition with an event criterion. While dbt parses nothing is found.

    Arguments: segment (name), columns (list of names).
    Call:      {% if segment_mentions('power_users', ['active_days']) %}
#}
{% macro segment_mentions(segment, columns) %}
    {% set text = segmentation._definition_texts(segment, []) | join('\n') %}
    {% for column in columns %}
        {% if modules.re.search('\\b' ~ modules.re.escape(column) ~ '(_[0-9]+d)?\\b', text) %}{{ return(true) }}{% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}

{# The texts that define a segment: its file, its rendered criteria, and the same of the segments that it reads. #}
{% macro _definition_texts(segment, seen) %}
    {% do seen.append(segment) %}
    {% set entry = segmentation.segment_entry(segment) %}
    {% set rendered = entry.get('segment', {}) %}
    {% set texts = [entry.get('definition', '')] + rendered.get('expressions', {}).values() | list %}
    {% if rendered.get('reads_activity') %}{% do texts.append('reads_activity') %}{% endif %}
    {% for upstream in rendered.get('reads_segments', []) if upstream not in seen %}
        {% do texts.extend(segmentation._definition_texts(upstream, seen)) %}
    {% endfor %}
    {{ return(texts) }}
{% endmacro %}
