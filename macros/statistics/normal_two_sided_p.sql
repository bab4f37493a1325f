{#
    The probability of a standard normal value at least as far from 0 as z: the two-sided p value of a z, as double.

    NULL for NULL, NaN and infinity. Computed in the tail: it does not become 0 before |z| = 37.5.
    Relative error 1e-12.

    Arguments: z (SQL; a bare column: 0.9 kB of SQL for a name of one letter).
    Call:      {{ normal_two_sided_p('z') }}
    Source:    as normal_cdf().
#}
{% macro normal_two_sided_p(z) -%}
    {%- set z = segmentation._operand(z) -%}
    (2e0 * {{ segmentation._normal_tail(z) }})
{%- endmacro %}
