{#
    Effect size of two means: their difference in standard deviations, corrected for small n. 0.2 small, 0.5 medium, 0.8 large.

    NULL unless both groups have 2 values or more and there is any spread.

    Arguments: mean, standard_deviation (divisor n − 1), n, and the same of the baseline (SQL).
    Call:      {{ hedges_g('mean', 'standard_deviation', 'n', 'baseline_mean', 'baseline_standard_deviation', 'baseline_n') }}
    Source:    Hedges (1981), Journal of Educational Statistics 6, 107–128, with the correction 1 − 3 / (4·df − 1).
#}
{% macro hedges_g(mean, standard_deviation, n, baseline_mean, baseline_standard_deviation, baseline_n) -%}
    {%- set squares -%}
        ({{ n }} - 1e0) * {{ standard_deviation }} * {{ standard_deviation }}
        + ({{ baseline_n }} - 1e0) * {{ baseline_standard_deviation }} * {{ baseline_standard_deviation }}
    {%- endset -%}
    case
        when {{ n }} > 1 and {{ baseline_n }} > 1 and {{ squares }} > 0
            then ({{ mean }} - {{ baseline_mean }})
                / nullif(sqrt(({{ squares }}) / nullif({{ n }} + {{ baseline_n }} - 2e0, 0)), 0)
                * (1e0 - 3e0 / nullif(4e0 * ({{ n }} + {{ baseline_n }} - 2e0) - 1e0, 0))
    end
{%- endmacro %}
