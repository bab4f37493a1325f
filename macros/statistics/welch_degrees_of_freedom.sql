{#
    The degrees of freedom of Welch's t: a real number between the smaller n − 1 and the sum of both, as double.

    NULL unless both n are above 1 and one group has any spread.

    Arguments: as in welch_standard_error().
    Call:      {{ welch_degrees_of_freedom('standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n') }}
    Source:    Welch (1947), Biometrika 34, 28–35; it is satterthwaite_df() of two groups.
#}
{% macro welch_degrees_of_freedom(standard_deviation, n, baseline_standard_deviation, baseline_n) -%}
    {{- segmentation.satterthwaite_df([
        [segmentation._squared_error(standard_deviation, n), n],
        [segmentation._squared_error(baseline_standard_deviation, baseline_n), baseline_n],
    ]) -}}
{%- endmacro %}
