{#
    The skewness m₃ / m₂^1.5 of values from n and the sums of their first three powers; NULL without spread.

    Give it sums that were shifted by a value near the mean: then little cancels.

    Arguments: n, total, squares, cubes (SQL).
    Call:      {{ skewness_from_sums('n', 'total', 'squares', 'cubes') }}
    Source:    Fisher's g₁ from central moments, as scipy.stats.skew(bias=True).
#}
{% macro skewness_from_sums(n, total, squares, cubes) -%}
    {%- set size = 'nullif(' ~ n ~ ', 0)' -%}
    {%- set squares, cubes = segmentation._operand(squares), segmentation._operand(cubes) -%}
    {%- set mean = '(' ~ segmentation._operand(total) ~ ' / ' ~ size ~ ')' -%}
    {%- set second = '(' ~ squares ~ ' / ' ~ size ~ ' - ' ~ mean ~ ' * ' ~ mean ~ ')' -%}
    case
        when {{ second }} > 1e-12 * {{ squares }} / {{ size }}
            then (
                {{ cubes }} / {{ size }} - 3e0 * {{ mean }} * {{ squares }} / {{ size }}
                + 2e0 * {{ mean }} * {{ mean }} * {{ mean }}
            ) / nullif(power({{ second }}, 1.5e0), 0)
    end
{%- endmacro %}
