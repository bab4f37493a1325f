{#
    The probability of a value at least as far from 0 as a statistic in either direction, as double, from the normal scores of both
    distances: the two-sided p of a statistic that is not symmetric. With normal scores z and −z it is normal_two_sided_p(z).

    NULL for NULL, NaN and infinity.

    Arguments: upper_score, lower_score (SQL, columns: skewed_score() of |z| and of −|z|).
    Call:      {{ two_tails_p('upper_score', 'lower_score') }}
    Source:    as normal_two_sided_p().
#}
{% macro two_tails_p(upper_score, lower_score) -%}
    {%- set upper, lower = segmentation._operand(upper_score), segmentation._operand(lower_score) -%}
    {%- set above, below = segmentation._normal_tail(upper), segmentation._normal_tail(lower) -%}
    (
        case when {{ upper }} >= 0 then {{ above }} else 1e0 - {{ above }} end
        + case when {{ lower }} <= 0 then {{ below }} else 1e0 - {{ below }} end
    )
{%- endmacro %}
