{#
    The skewness m₃ / m₂^1.5 of values from n and the sums of their first three powers; NULL without spread.

    Give it sums that were shifted by a value near the mean: then little cancels.

    Arguments: n, total, squares, cubes (SQL).
    Call:      {{ skewness_from_sums('n', 'total', 'squares', 'cubes') }}
    Source:    Fisher's g₁ from central moments, as scipy.stats.skew(bias=True).
#}
{% macro skewness_from_sums(n, total, squares, cubes) -%}
    {%- set mean = '(' ~ total ~ ' / nullif(' ~ n ~ ', 0))' -%}
    {%- set second = '(' ~ squares ~ ' / nullif(' ~ n ~ ', 0) - ' ~ mean ~ ' * ' ~ mean ~ ')' -%}
    case
        when {{ second }} > 1e-12 * {{ squares }} / nullif({{ n }}, 0)
            then (
                {{ cubes }} / nullif({{ n }}, 0) - 3e0 * {{ mean }} * {{ squares }} / nullif({{ n }}, 0)
                + 2e0 * {{ mean }} * {{ mean }} * {{ mean }}
            ) / nullif(power({{ second }}, 1.5e0), 0)
    end
{%- endmacro %}
