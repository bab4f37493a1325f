{#
    A group's mean, or its ratio Σx / Σw, from the sum of x − c·w. What is only rounding is exactly 0: a residue of 1e-16
    would turn a lift of "nothing to compare with" into 1e15. NULL if the weights add up to 0.

    Arguments: total (Σ(x − c·w)), weight (Σw), center (c), size (Σ|x| of the population, by which a residue is told): SQL.
    Call:      {{ mean_from_sums('total', 'weight', 'center', 'size') }}
#}
{% macro mean_from_sums(total, weight, center, size) -%}
    {%- set total, weight = segmentation._operand(total), segmentation._operand(weight) -%}
    {%- set center, size = segmentation._operand(center), segmentation._operand(size) -%}
    case
        when abs({{ total }} + {{ center }} * {{ weight }}) <= 1e-12 * {{ size }}
            then 0e0 * {{ weight }} / nullif({{ weight }}, 0)
        when abs({{ total }} + {{ center }} * {{ weight }}) > 1e-12 * {{ size }}
            then {{ center }} + {{ total }} / nullif({{ weight }}, 0)
    end
{%- endmacro %}
