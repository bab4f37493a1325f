{#
    Effect size of two means: their difference in standard deviations, corrected for small n. 0.2 small, 0.5 medium, 0.8 large.

    NULL unless both groups have 2 values or more and there is any spread.

    Arguments: mean, standard_deviation (divisor n − 1), n, and the same of the baseline (SQL).
    Call:      {{ hedges_g('mean', 'standard_deviation', 'n', 'baseline_mean', 'baseline_standard_deviation', 'baseline_n') }}
    Source:    Hedges (1981), Journal of Educational Statistics 6, 107–128, with the correction 1 − 3 / (4·df − 1).
#}
{% macro hedges_g(mean, standard_deviation, n, baseline_mean, baseline_standard_deviation, baseline_n) -%}
    {%- set spread = segmentation._pooled_standard_deviation(
        standard_deviation, n, baseline_standard_deviation, baseline_n
    ) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set baseline_n = segmentation._operand(baseline_n) -%}
    case
        when {{ n }} > 1 and {{ baseline_n }} > 1
            then ({{ segmentation._operand(mean) }} - {{ segmentation._operand(baseline_mean) }}) / nullif({{ spread }}, 0)
                * (1e0 - 3e0 / nullif(4e0 * ({{ n }} + {{ baseline_n }} - 2e0) - 1e0, 0))
    end
{%- endmacro %}

{# The standard deviation within two groups together. Where it is called, both n are above 1. #}
{% macro _pooled_standard_deviation(standard_deviation, n, baseline_standard_deviation, baseline_n) -%}
    {%- set standard_deviation = segmentation._operand(standard_deviation) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set baseline_standard_deviation = segmentation._operand(baseline_standard_deviation) -%}
    {%- set baseline_n = segmentation._operand(baseline_n) -%}
    sqrt((
        ({{ n }} - 1e0) * {{ standard_deviation }} * {{ standard_deviation }}
        + ({{ baseline_n }} - 1e0) * {{ baseline_standard_deviation }} * {{ baseline_standard_deviation }}
    ) / nullif({{ n }} + {{ baseline_n }} - 2e0, 0))
{%- endmacro %}
