{#
    True if a date lies in the window of n days that ends with the as_of_date: date > D − n and date <= D.

    The one place where the bounds of a window are written. `ends_days_ago` moves the whole window back.

    Arguments: date, as_of_date (SQL), days (whole number ≥ 1), ends_days_ago (whole number ≥ 0).
    Call:      {{ in_window('event_date', 'as_of_date', 28) }}
    Errors:    another number of days stops the parse.
#}
{% macro in_window(date, as_of_date, days, ends_days_ago=0) -%}
    {%- set problems = segmentation._in_window_problems(days, ends_days_ago) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set last = segmentation.days_before(as_of_date, ends_days_ago) if ends_days_ago else as_of_date -%}
    ({{ date }} > {{ segmentation.days_before(as_of_date, days + ends_days_ago) }} and {{ date }} <= {{ last }})
{%- endmacro %}

{% macro _in_window_problems(days, ends_days_ago) -%}
    {%- set problems = [] -%}
    {%- if days is not integer or days is boolean or days < 1 -%}
        {%- do problems.append("in_window: `days` must be a whole number ≥ 1, got " ~ days ~ ".") -%}
    {%- endif -%}
    {%- if ends_days_ago is not integer or ends_days_ago is boolean or ends_days_ago < 0 -%}
        {%- do problems.append("in_window: `ends_days_ago` must be a whole number ≥ 0, got " ~ ends_days_ago ~ ".") -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
