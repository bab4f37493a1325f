{#
    Whether two sums of doubles are the same but for rounding: they differ by no more than 1e-9 of `size`. For tests; the one
    place where the tolerance of a comparison of sums is written. NULL where one of them is NULL.

    Arguments: left, right (SQL, the sums), size (SQL, the sum of the absolute values that were added, or a bound of it).
    Call:      not coalesce({{ are_equal_sums('shared_cost', 'amount', 'sum_of_sizes') }}, false)
#}
{% macro are_equal_sums(left, right, size) -%}
    abs({{ left }} - ({{ right }})) <= 1e-9 * ({{ size }})
{%- endmacro %}
