{#
    A bound of the interval of a difference of two means (mean − baseline mean) at setting('confidence_level'), as double.

    NULL unless both n are above 1 and there is any spread.

    Arguments: mean, standard_deviation (divisor n − 1), n, and the same of the baseline (SQL), side ('lower' or 'upper').
    Call:      {{ mean_difference_bound('mean', 'standard_deviation', 'n', 'baseline_mean', 'baseline_standard_deviation',
                   'baseline_n', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    as mean_difference_margin(), whose sub-select it holds.
#}
{% macro mean_difference_bound(
    mean, standard_deviation, n, baseline_mean, baseline_standard_deviation, baseline_n, side
) -%}
    {%- set sign = segmentation._sign('mean_difference_bound', side) -%}
    ({{ segmentation._operand(mean) }} - {{ segmentation._operand(baseline_mean) }} {{ sign }} {{
        segmentation._mean_difference_margin(
            segmentation.setting('confidence_level'),
            standard_deviation, n, baseline_standard_deviation, baseline_n
        )
    }})
{%- endmacro %}
