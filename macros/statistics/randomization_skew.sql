{#
    The skewness of the difference of two group means if values are dealt to the groups at random, as double: of a population with
    skewness g that is dealt into n and m, g · (m − n) / (n + m − 2) · √((n + m − 1) / (n m)). Two groups of one size have none.

    NULL if a group is empty or both have two values in all.

    Arguments: skew (SQL, of all values of both groups), n, baseline_n (SQL, values on either side; counts of users over a design
               effect where they are in accounts).
    Call:      {{ randomization_skew('skew', 'n', 'baseline_n') }}
    Source:    the third moment of a mean drawn without replacement: Cochran (1977), Sampling techniques, 2.15 and exercise 2.12;
               Isserlis (1931), Proc. R. Soc. A 132.
#}
{% macro randomization_skew(skew, n, baseline_n) -%}
    {%- set skew, n, m = segmentation._operand(skew), segmentation._operand(n), segmentation._operand(baseline_n) -%}
    case
        when {{ n }} > 0 and {{ m }} > 0 and {{ n }} + {{ m }} > 2
            then {{ skew }} * ({{ m }} - {{ n }}) / nullif({{ n }} + {{ m }} - 2e0, 0e0)
                * sqrt(({{ n }} + {{ m }} - 1e0) / nullif({{ n }} * {{ m }}, 0e0))
    end
{%- endmacro %}
