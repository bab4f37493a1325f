{#
    The difference of two sums of doubles, with what is only rounding set to exactly 0.

    Sums of one set of values in two orders differ in the last digits; where nothing is left over, a residue of 1e-16
    would turn a lift of "nothing to compare with" into 1e15. What is below 1e-12 of `scale` is such a residue.

    Arguments: whole, part (SQL, the sums), scale (SQL, the sum of absolute values behind `whole`).
    Call:      {{ difference_of_sums('population_total', 'total', 'population_scale') }}
#}
{% macro difference_of_sums(whole, part, scale) -%}
    {%- set difference = segmentation._operand(whole) ~ ' - ' ~ segmentation._operand(part) -%}
    {%- set scale = segmentation._operand(scale) -%}
    case
        when abs({{ difference }}) > 1e-12 * {{ scale }} then {{ difference }}
        when abs({{ difference }}) <= 1e-12 * {{ scale }} then 0e0
    end
{%- endmacro %}
