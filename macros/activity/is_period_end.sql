{#
    True on the last day of a period of `as_of_grain`: every day, Sundays, or the last day of a month.

    Arguments: date (SQL).
    Call:      {{ is_period_end('as_of_date') }}
    Errors:    a grain other than day, week and month stops the parse.
#}
{% macro is_period_end(date) -%}
    {%- set grain = segmentation._as_of_grain() -%}
    {%- if grain == 'day' -%}
        true
    {%- else -%}
        ({{ segmentation.period_start(segmentation.days_before(date, -1)) }} = {{ segmentation.days_before(date, -1) }})
    {%- endif -%}
{%- endmacro %}

{% macro _as_of_grain() -%}
    {%- if var('as_of_grain') not in ('day', 'week', 'month') -%}
        {{ exceptions.raise_compiler_error(
            "vars: as_of_grain: must be day, week or month, got '" ~ var('as_of_grain') ~ "'."
        ) }}
    {%- endif -%}
    {{ return(var('as_of_grain')) }}
{%- endmacro %}
