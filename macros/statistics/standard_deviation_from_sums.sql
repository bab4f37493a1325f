{#
    The sample standard deviation (divisor n − 1) from n, the sum and the sum of squares; NULL below two values.

    Give it sums that were shifted by a value near the mean: then little cancels. What is left of the squares
    below 1e-12 of them is rounding, and counts as no spread at all.

    Arguments: n, total, squares (SQL).
    Call:      {{ standard_deviation_from_sums('n', 'shifted_sum', 'shifted_squares') }}
    Source:    Chan, Golub and LeVeque (1983), Algorithms for computing the sample variance.
#}
{% macro standard_deviation_from_sums(n, total, squares) -%}
    case
        when {{ squares }} - {{ total }} * {{ total }} / nullif({{ n }}, 0) > 1e-12 * {{ squares }}
            then sqrt(({{ squares }} - {{ total }} * {{ total }} / nullif({{ n }}, 0)) / nullif({{ n }} - 1, 0))
        when {{ n }} > 1 then 0e0
    end
{%- endmacro %}
