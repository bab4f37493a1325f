{#
    True where a time in text form carries its own offset: 'Z', 'UTC' or +hh, +hhmm, +hh:mm after a time of day, in the forms
    that to_utc() reads.

    Arguments: expression (SQL, text or anything that casts to text).
    Call:      {{ has_utc_offset('occurred_at') }}
#}
{% macro has_utc_offset(expression) -%}
    {{ return(adapter.dispatch('has_utc_offset', 'segmentation')(expression)) }}
{%- endmacro %}

{% macro default__has_utc_offset(expression) -%}{{ segmentation._not_written('has_utc_offset') }}{%- endmacro %}

{% macro duckdb__has_utc_offset(expression) -%}
    regexp_matches(
        cast({{ expression }} as varchar),
        '{{ segmentation._time_of_day_form('[.,]') }}{{ segmentation._offset_form() }}$'
    )
{%- endmacro %}

{% macro spark__has_utc_offset(expression) -%}
    cast({{ expression }} as string) rlike {{ segmentation.text_literal(
        segmentation._time_of_day_form('[.,]') ~ segmentation._offset_form() ~ '\\z'
    ) }}
{%- endmacro %}
