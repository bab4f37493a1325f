{#
    How far the interval of a difference of two means reaches to each side at setting('confidence_level'), as double.

    Student's t at Welch's degrees of freedom times the larger of Welch's standard error and that of pooled spreads: a small
    group that happens to vary little does not make the interval too short. It is never shorter than Welch's.
    NULL unless both n are above 1 and there is any spread.

    Arguments: standard_deviation (divisor n − 1), n, and the same of the baseline (SQL, any expressions but aggregates). The body
               is a sub-select of 11 kB: stage the margin in a CTE where both bounds are wanted.
    Call:      {{ mean_difference_margin('standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n') }}
    Errors:    a confidence_level that is not strictly between 0 and 1 stops the parse.
    Source:    Welch (1947), Biometrika 34, 28–35; the larger error is this project's choice, see docs/statistics.md.
#}
{% macro mean_difference_margin(standard_deviation, n, baseline_standard_deviation, baseline_n) -%}
    {{ segmentation._mean_difference_margin(
        segmentation.setting('confidence_level'),
        standard_deviation, n, baseline_standard_deviation, baseline_n
    ) }}
{%- endmacro %}

{# The same at a checked level. #}
{% macro _mean_difference_margin(level, standard_deviation, n, baseline_standard_deviation, baseline_n) -%}
    {%- set tail = (1 - level) / 2 -%}
    {%- set groups = ['given_spread', 'given_n', 'given_baseline_spread', 'given_baseline_n'] -%}
    (
        with

        given as (
            select
                {{ standard_deviation }} as given_spread,
                case when {{ segmentation._operand(n) }} > 1 then {{ n }} end as given_n,
                {{ baseline_standard_deviation }} as given_baseline_spread,
                case when {{ segmentation._operand(baseline_n) }} > 1 then {{ baseline_n }} end as given_baseline_n
        ),

        errors as (
            select
                {{ segmentation._double(tail) }} as p,
                {{ segmentation._double(tail) }} as tail,
                {{ segmentation._double(segmentation._normal_quantile_number(tail)) }} as z,
                {{ segmentation.welch_degrees_of_freedom(*groups) }} as df,
                {{ segmentation.welch_standard_error(*groups) }} as welch_error,
                {{ segmentation._pooled_standard_deviation(*groups) }}
                * sqrt(1e0 / nullif(given_n, 0) + 1e0 / nullif(given_baseline_n, 0)) as pooled_error
            from given
        ),

{{ segmentation._student_t_quantile_ctes('errors') }}

        select -quantile * greatest(welch_error, pooled_error) from quantiles
    )
{%- endmacro %}
