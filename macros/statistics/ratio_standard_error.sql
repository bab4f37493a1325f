{#
    The standard error of a ratio of two means over the same users (clicks per view), by the delta method, as double.

    NULL unless n > 0 and the denominator's mean is not 0.

    Arguments: numerator_mean, denominator_mean, numerator_variance, denominator_variance, covariance (of the two over users,
               divisor n − 1), n (SQL).
    Call:      {{ ratio_standard_error('clicks_mean', 'views_mean', 'clicks_variance', 'views_variance', 'covariance', 'n') }}
    Source:    Deng, Knoblich and Lu (2018), Applying the delta method in metric analytics, KDD 2018.
#}
{% macro ratio_standard_error(
    numerator_mean, denominator_mean, numerator_variance, denominator_variance, covariance, n
) -%}
    {%- set denominator_mean = segmentation._operand(denominator_mean) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set ratio = '(' ~ segmentation._operand(numerator_mean) ~ ' / nullif(1e0 * ' ~ denominator_mean ~ ', 0))' -%}
    sqrt(
        {{ segmentation.ratio_residual_variance(ratio, numerator_variance, denominator_variance, covariance) }}
        / case when {{ n }} > 0 then {{ n }} end
    ) / abs(nullif({{ denominator_mean }}, 0))
{%- endmacro %}
