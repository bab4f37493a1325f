{#
    A date in text form. Without an offset it is the date as written; with one, the day of that instant in `reporting_timezone`. NULL
    where the text has none of the forms of to_utc().

    Arguments: expression (SQL), is_end (as in to_utc()).
    Call:      {{ to_day('renewal_date', true) }}
#}
{% macro to_day(expression, is_end=false) -%}
    {%- set written = segmentation.to_utc(expression, 'UTC', is_end) -%}
    {%- if segmentation.setting('reporting_timezone') == 'UTC' -%}
    cast({{ written }} as date)
    {%- else -%}
    case
        when {{ segmentation.has_utc_offset(expression) }} then {{ segmentation.day_of('(' ~ written ~ ')') }}
        else cast({{ written }} as date)
    end
    {%- endif -%}
{%- endmacro %}
