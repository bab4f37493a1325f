{#
    The first day of the period of `as_of_grain` that a date lies in; see week_start().

    Arguments: date (SQL).
    Call:      {{ period_start('as_of_date') }}
#}
{% macro period_start(date) -%}
    {%- set grain = segmentation.setting('as_of_grain') -%}
    {%- if grain == 'week' -%}
    {{ segmentation.week_start(date) }}
    {%- else -%}
    cast({{ dbt.date_trunc(grain, date) }} as date)
    {%- endif -%}
{%- endmacro %}
