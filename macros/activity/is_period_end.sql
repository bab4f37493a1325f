{#
    True on the last day of a period of `as_of_grain`: every day, the last day of a week (Sunday, unless `week_starts_on` says
    otherwise), or of a month.

    Arguments: date (SQL).
    Call:      {{ is_period_end('as_of_date') }}
#}
{% macro is_period_end(date) -%}
    {%- set grain = segmentation.setting('as_of_grain') -%}
    {%- if grain == 'day' -%}
        true
    {%- else -%}
        ({{ segmentation.period_start(segmentation.days_before(date, -1)) }} = {{ segmentation.days_before(date, -1) }})
    {%- endif -%}
{%- endmacro %}
