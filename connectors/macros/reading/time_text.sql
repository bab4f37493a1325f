{#
    A time as tools write it, as text with `Z`, as the input contract reads it. What cannot be read stays as it is, so that the row is
    rejected and counted there.

    Arguments: text (SQL of a short expression, it is repeated), timezone (of times without an offset), counts_local (see
               time_value()).
    Call:      {{ time_text('created_at') }}
#}
{% macro time_text(text, timezone='UTC', counts_local=false) -%}
    coalesce(strftime({{ segmentation_connectors.time_value(text, timezone, counts_local) }}, '%Y-%m-%dT%H:%M:%S.%fZ'), {{ text }})
{%- endmacro %}
