{#
    The variance (divisor n − 1) of x − r·w over the users of a group, from sums of x' = x − c·w; r is the group's Σx / Σw
    and `ratio` the same of x'. For kinds without weights (w = 1) it is the variance of the values. NULL below two users.

    What is left below rounding counts as no spread at all:
    1e-12 of the squares, or of the values' squares 1e-24. Sums of a group that are those of all users less those of others have
    the rounding of what they were taken from.

    Arguments: n (users), ratio (Σx' / Σw), squares (Σx'²), products (Σx'w), weight_squares (Σw²), center (c), taken_from (Σx'² of
               all, where the sums are differences; default: squares): SQL.
    Call:      {{ residual_variance('n', 'ratio', 'squares', 'products', 'weight_squares', 'center') }}
    Source:    Deng, Knoblich and Lu (2018), Applying the delta method in metric analytics, KDD; the shift by c as in Chan,
               Golub and LeVeque (1983), Algorithms for computing the sample variance.
#}
{% macro residual_variance(n, ratio, squares, products, weight_squares, center, taken_from=none) -%}
    {%- set n, center = segmentation._operand(n), segmentation._operand(center) -%}
    {%- set left = segmentation._residual_squares(ratio, squares, weight_squares, products) -%}
    {%- set rounding -%}
        1e-12 * {{ segmentation._operand(taken_from or squares) }}
        + 1e-24 * {{ center }} * {{ center }} * {{ segmentation._operand(weight_squares) }}
    {%- endset -%}
    case
        when {{ n }} > 1 and {{ left }} > {{ rounding }} then ({{ left }}) / nullif({{ n }} - 1e0, 0)
        when {{ n }} > 1 and {{ left }} <= {{ rounding }} then 0e0
    end
{%- endmacro %}

{# Squares, variances or covariances of x and w -> the same of x − ratio · w. #}
{% macro _residual_squares(ratio, numerator, denominator, product) -%}
    {%- set ratio = segmentation._operand(ratio) -%}
    {{ segmentation._operand(numerator) }} - 2e0 * {{ ratio }} * {{ segmentation._operand(product) }}
        + {{ ratio }} * {{ ratio }} * {{ segmentation._operand(denominator) }}
{%- endmacro %}
