{#
    What student_t_two_sided_p(), student_t_quantile() and mean_difference_margin() share: CTEs that add to a relation with
    the columns t and df (from 1 to 1e100) the columns `two_sided_p` and `density`. The last CTE is `student`.

    The probability is the incomplete beta function I(df/2, 1/2) at x = df / (df + t²), or one minus that of the other side at
    y = 1 − x, each by its continued fraction (DLMF 8.17.22) to a fixed depth of 24. Where the two meet, at
    t² = 10.5 · df / (df + 8), was chosen by trial: there both have converged for every df from 1 to 1e6.

    What stands before both fractions holds Γ((df + 1) / 2) / Γ(df / 2), for which only DuckDB has a function. It follows from
    the quotient for arguments larger by 8, whose logarithm is ½·ln w − Σ 2·E(2k) / (2k · 4^(2k + 1) · w^(2k)) with
    w = df / 2 + 8 − ¼ and Euler's numbers E (from DLMF 5.11.8 at ¾ and ¼). The logarithm of 1 + t² / df is a series
    where the rounding of the sum would show.
#}
{% macro _student_t_ctes(relation) -%}
    {%- set depth = 24 -%}
    {%- set upper = [] -%}
    {%- set upper_rests = [] -%}
    {%- set lower = [] -%}
    {%- set lower_rests = [] -%}
    {%- for level in range(1, depth + 1) -%}
        {%- set even = level - level % 2 -%}
        {%- if level % 2 -%}
            {%- do upper.append('x * (df + ' ~ even ~ 'e0) * (df + ' ~ (even + 1) ~ 'e0) / (df + ' ~ 2 * even
                ~ 'e0) / (df + ' ~ (2 * even + 2) ~ 'e0)') -%}
            {%- do upper_rests.append('y + x * (df * ' ~ (2 * even + 1) ~ 'e0 + ' ~ 3 * even * (even + 1) ~ 'e0) / (df + '
                ~ 2 * even ~ 'e0) / (df + ' ~ (2 * even + 2) ~ 'e0)') -%}
            {%- do lower.append('y * (df + ' ~ (even + 1) ~ 'e0) * ' ~ (even + 1) ~ 'e0 / '
                ~ (2 * even + 1) * (2 * even + 3) ~ 'e0') -%}
            {%- do lower_rests.append('1e0 - ' ~ lower[-1]) -%}
        {%- else -%}
            {%- do upper.append('x * ' ~ even * (even - 1) ~ 'e0 / (df + ' ~ (2 * even - 2) ~ 'e0) / (df + ' ~ 2 * even
                ~ 'e0)') -%}
            {%- do lower.append('y * (' ~ even ~ 'e0 - df) * ' ~ even ~ 'e0 / ' ~ (2 * even - 1) * (2 * even + 1) ~ 'e0') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set gammas = segmentation._polynomial([
        '2.4090290069580078e-3', '-1.3208389282226562e-3', '1.2410481770833333e-3', '-2.44140625e-3', '1.5625e-2', '0e0'
    ], 'v') -%}
    {%- set logarithm = segmentation._polynomial([
        '1.8181818181818182e-1', '2.2222222222222222e-1', '2.8571428571428571e-1', '4e-1', '6.6666666666666667e-1', '2e0'
    ], 'u * u') -%}
        student_shares as (
            select
                *,
                df / (df + t * t) as x,
                t * t / (df + t * t) as y,
                t * t / (2e0 * df + t * t) as u,
                1e0 / ((5e-1 * df + 7.75e0) * (5e-1 * df + 7.75e0)) as v
            from {{ relation }}
        ),

        student_densities as (
            select
                *,
                exp(greatest(
                    {{ gammas }} - 5e-1 * (df + 1e0) * case when y < 1e-1 then u * {{ logarithm }} else -ln(x) end, -7e2
                )) * 5.6418958354775629e-1 * sqrt((5e-1 * df + 7.75e0) / df)
                {%- for step in range(0, 16, 2) %} * (df + {{ step }}e0) / (df + {{ step + 1 }}e0){% endfor %} as density
            from student_shares
        ),

        student as (
            select
                *,
                case
                    when t * t * (df + 8e0) < 1.05e1 * df
                        then 1e0 - 2e0 * abs(t) * density / ({{ segmentation._continued_fraction(lower, lower_rests) }})
                    else 2e0 * abs(t) * density / df / ({{ segmentation._continued_fraction(upper, upper_rests) }})
                end as two_sided_p
            from student_densities
        )
{%- endmacro %}
