{#
    The date `days` days before a date (a negative number: after it).

    Arguments: date (SQL), days (whole number or SQL).
    Call:      {{ days_before('as_of_date', 28) }}
#}
{% macro days_before(date, days) -%}
    {{ return(adapter.dispatch('days_before', 'segmentation')(date, days)) }}
{%- endmacro %}

{% macro default__days_before(date, days) -%}{{ segmentation._not_written('days_before') }}{%- endmacro %}

{% macro duckdb__days_before(date, days) -%}
    ({{ date }} - cast({{ days }} as integer))
{%- endmacro %}

{% macro spark__days_before(date, days) -%}
    date_sub({{ date }}, cast({{ days }} as int))
{%- endmacro %}
