{#
    The sample standard deviation (divisor n − 1) from n, the sum and the sum of squares; NULL below two values.

    Give it sums that were shifted by a value near the mean: then little cancels. What is left of the squares
    below 1e-12 of them is rounding, and counts as no spread at all.

    Arguments: n, total, squares (SQL).
    Call:      {{ standard_deviation_from_sums('n', 'shifted_sum', 'shifted_squares') }}
    Source:    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance.
#}
{% macro standard_deviation_from_sums(n, total, squares) -%}
    {%- set n, total, squares = segmentation._operand(n), segmentation._operand(total), segmentation._operand(squares) -%}
    {%- set left = squares ~ ' - ' ~ total ~ ' * ' ~ total ~ ' / nullif(' ~ n ~ ', 0)' -%}
    case
        when {{ n }} > 1 and {{ left }} > 1e-12 * {{ squares }} then sqrt(({{ left }}) / nullif({{ n }} - 1, 0))
        when {{ n }} > 1 and {{ left }} <= 1e-12 * {{ squares }} then 0e0
    end
{%- endmacro %}
