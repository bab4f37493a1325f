{#
    How many standard errors two means lie apart if group and value had nothing to do with each other, as double.

    difference / √(S² · (1/n + 1/n₀)), where S² is the variance of all values of both groups together (divisor n + n₀ − 1):
    the spread of the difference under random relabelling. For 0 and 1 it is the root of the N−1 chi-square, for mid-ranks
    it is Mann-Whitney's z with its correction for ties. Turn it into a p value by normal_two_sided_p().
    NULL if the variance or a group is 0.

    Arguments: mean, baseline_mean, n, baseline_n (users), variance (SQL).
    Call:      {{ randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }}
    Source:    Pitman (1937), Significance tests which may be applied to samples from any populations, JRSS Supplement 4;
               for 0 and 1 Campbell (2007), Statistics in Medicine 26, 3661–3675.
#}
{% macro randomization_z(mean, n, baseline_mean, baseline_n, variance) -%}
    {%- set mean = segmentation._operand(mean) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set baseline_mean = segmentation._operand(baseline_mean) -%}
    {%- set baseline_n = segmentation._operand(baseline_n) -%}
    {%- set variance = segmentation._operand(variance) -%}
    case
        when {{ n }} > 0 and {{ baseline_n }} > 0 and {{ variance }} > 0
            then ({{ mean }} - {{ baseline_mean }})
                / nullif(sqrt({{ variance }} * (1e0 / nullif({{ n }}, 0) + 1e0 / nullif({{ baseline_n }}, 0))), 0)
    end
{%- endmacro %}
