{#
    The variance of values that are 0 or 1 (divisor n − 1) from their counts, as double: what randomisation_z() takes for shares.

    NULL unless n > 1 and 0 <= successes <= n.

    Arguments: successes, n (SQL, counts; of both groups together where two shares are compared).
    Call:      {{ share_variance('successes + baseline_successes', 'n + baseline_n') }}
#}
{% macro share_variance(successes, n) -%}
    {%- set successes = segmentation._operand(successes) -%}
    {%- set n = segmentation._operand(n) -%}
    case
        when {{ n }} > 1 and {{ successes }} >= 0 and {{ successes }} <= {{ n }}
            then 1e0 * {{ successes }} / nullif({{ n }}, 0) * ({{ n }} - {{ successes }}) / nullif({{ n }} - 1, 0)
    end
{%- endmacro %}
