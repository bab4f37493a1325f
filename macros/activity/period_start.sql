{#
    The first day of the period of `as_of_grain` that a date lies in; weeks start on Monday.

    Arguments: date (SQL).
    Call:      {{ period_start('as_of_date') }}
#}
{% macro period_start(date) -%}
    cast({{ dbt.date_trunc(segmentation.setting('as_of_grain'), date) }} as date)
{%- endmacro %}
