{#
    The registered segments without the drafts: what marts hold. A draft (`status: draft`) has its view, and a row in segment_drafts.

    Outside of execution (parse) the list holds the drafts too, since no file's config is known then: dbt records every ref.
    Call:   {% for segment in segments_in_use() %}
#}
{% macro segments_in_use() %}
    {{ return(segmentation._segments_by_draft(false)) }}
{% endmacro %}

{# The registered segments that are drafts, or those that are not; all of them while dbt parses. #}
{% macro _segments_by_draft(is_draft) %}
    {% set names = [] %}
    {% for segment in segmentation.registered_segments()
        if not execute or (segmentation.segment_entry(segment).get('status') == 'draft') == is_draft %}
        {% do names.append(segment) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
