{#
    The variance of the residuals numerator − ratio · denominator over users, from the variances of both, as double.

    To decide whether two groups' ratios differ, take the ratio of all users together, give randomisation_z() the groups'
    means of numerator − ratio · denominator, and this as the variance. What rounding takes below 0 is 0.

    Arguments: ratio, numerator_variance, denominator_variance, covariance (SQL, all with the same divisor).
    Call:      {{ ratio_residual_variance('pooled_ratio', 'clicks_variance', 'views_variance', 'covariance') }}
    Source:    as ratio_standard_error().
#}
{% macro ratio_residual_variance(ratio, numerator_variance, denominator_variance, covariance) -%}
    {%- set variance = segmentation._residual_squares(ratio, numerator_variance, denominator_variance, covariance) -%}
    case when {{ variance }} < 0 then 0e0 else {{ variance }} end
{%- endmacro %}

{# Squares, variances or covariances of x and w -> the same of x − ratio · w. #}
{% macro _residual_squares(ratio, numerator, denominator, product) -%}
    {%- set ratio = segmentation._operand(ratio) -%}
    {{ segmentation._operand(numerator) }} - 2e0 * {{ ratio }} * {{ segmentation._operand(product) }}
        + {{ ratio }} * {{ ratio }} * {{ segmentation._operand(denominator) }}
{%- endmacro %}
