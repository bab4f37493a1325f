{#
    True where a time in text form carries its own offset: 'Z', 'UTC' or +hh, +hhmm, +hh:mm after a time of day.

    Arguments: expression (SQL, text or anything that casts to text).
    Call:      {{ has_utc_offset('occurred_at') }}
#}
{% macro has_utc_offset(expression) -%}
    {{ return(adapter.dispatch('has_utc_offset', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__has_utc_offset(expression) -%}
    regexp_matches(
        cast({{ expression }} as varchar),
        '[0-9]:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)? ?(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)$'
    )
{%- endmacro %}
