{#
    The smallest true difference of two means that a test at setting('confidence_level') would notice with setting('power').

    In the unit of the metric. A "no difference" says nothing about differences smaller than this. NULL unless both n
    and the standard deviation are above 0.

    Arguments: standard_deviation (SQL, of all values), n, baseline_n (SQL, counts).
    Call:      {{ smallest_detectable_difference('pooled_standard_deviation', 'n', 'baseline_n') }}
    Errors:    a confidence_level or power that is not strictly between 0 and 1 stops the parse.
    Source:    (z(1 − α/2) + z(power)) · standard error: Cohen (1988), Statistical Power Analysis, chapter 2.
#}
{% macro smallest_detectable_difference(standard_deviation, n, baseline_n) -%}
    {%- set standard_deviation = segmentation._operand(standard_deviation) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set baseline_n = segmentation._operand(baseline_n) -%}
    {%- set name = 'smallest_detectable_difference' -%}
    {%- set errors = segmentation._confidence_z()
        + segmentation._normal_quantile_number(segmentation.setting('power')) -%}
    case
        when {{ n }} > 0 and {{ baseline_n }} > 0 and {{ standard_deviation }} > 0
            then {{ segmentation._double(errors) }} * {{ standard_deviation }}
                * sqrt(1e0 / nullif({{ n }}, 0) + 1e0 / nullif({{ baseline_n }}, 0))
    end
{%- endmacro %}
