{#
    The standard error of the difference of two means whose spreads may differ, as double.

    NULL unless both n are above 0.

    Arguments: standard_deviation (divisor n − 1), n, and the same of the baseline (SQL).
    Call:      {{ welch_standard_error('standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n') }}
    Source:    Welch (1947), Biometrika 34, 28–35.
#}
{% macro welch_standard_error(standard_deviation, n, baseline_standard_deviation, baseline_n) -%}
    {%- set part = segmentation._squared_error(standard_deviation, n) -%}
    {%- set baseline_part = segmentation._squared_error(baseline_standard_deviation, baseline_n) -%}
    sqrt({{ part }} + {{ baseline_part }})
{%- endmacro %}

{# The squared standard error of one mean; NULL unless n > 0. #}
{% macro _squared_error(standard_deviation, n) -%}
    {%- set standard_deviation = segmentation._operand(standard_deviation) -%}
    {%- set n = segmentation._operand(n) -%}
    1e0 * {{ standard_deviation }} * {{ standard_deviation }} / case when {{ n }} > 0 then {{ n }} end
{%- endmacro %}
