{#
    The date at the start of day-first text, cut out by position: a second way, for tests of what day_first() yields.

    Arguments: column (SQL).
    Call:      {{ iso_date_by_position('start_date') }}
#}
{% macro iso_date_by_position(column) -%}
    make_date(
        cast(substr({{ column }}, 7, 4) as integer),
        cast(substr({{ column }}, 4, 2) as integer),
        cast(substr({{ column }}, 1, 2) as integer)
    )
{%- endmacro %}
