{#
    The registered segments with `status: draft`: looked at in the review, and in no mart but segment_drafts.

    Outside of execution (parse) the list holds every segment, since no file's config is known then: dbt records every ref.
    Call:   {% for segment in draft_segments() %}
#}
{% macro draft_segments() %}
    {{ return(segmentation._segments_by_draft(true)) }}
{% endmacro %}
