{#
    The degrees of freedom of Welch's t: a real number between the smaller n − 1 and the sum of both, as double.

    NULL unless both n are above 1 and one group has any spread.

    Arguments: as in welch_standard_error().
    Call:      {{ welch_degrees_of_freedom('standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n') }}
    Source:    Welch (1947), Biometrika 34, 28–35; Satterthwaite (1946).
#}
{% macro welch_degrees_of_freedom(standard_deviation, n, baseline_standard_deviation, baseline_n) -%}
    {%- set part = '(' ~ segmentation._squared_error(standard_deviation, n) ~ ')' -%}
    {%- set baseline_part = '(' ~ segmentation._squared_error(baseline_standard_deviation, baseline_n) ~ ')' -%}
    {%- set share = '(' ~ part ~ ' / nullif(' ~ part ~ ' + ' ~ baseline_part ~ ', 0))' -%}
    1e0 / nullif(
        {{ share }} * {{ share }} / nullif({{ segmentation._operand(n) }} - 1e0, 0)
        + (1e0 - {{ share }}) * (1e0 - {{ share }}) / nullif({{ segmentation._operand(baseline_n) }} - 1e0, 0),
        0
    )
{%- endmacro %}
