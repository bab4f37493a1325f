{#
    The value that a Student t value stays below with probability p, as double.

    df may be any real number from 1 to 1e100. NULL for another df and unless 1e-100 <= p < 1. Relative error 1e-10.

    Arguments: p, df (SQL, any expressions but aggregates). The body is a sub-select of 13 kB.
    Call:      {{ student_t_quantile('9.75e-1', 'df') }}
    Source:    Hill (1970), CACM algorithm 396; below df = 2, where that is rough, the closed forms for 1, 2 and 4
               interpolated in 1/df. Then one step of order four for ln p as a function of ln t.
#}
{% macro student_t_quantile(p, df) -%}
    {%- set p = segmentation._operand(p) -%}
    {%- set df = segmentation._operand(df) -%}
    (
        with

        given as (
            select
                case when {{ p }} >= 1e-100 and {{ p }} < 1 then {{ p }} end as given_p,
                case when {{ df }} >= 1 and {{ df }} <= 1e100 then 1e0 * {{ df }} end as given_df
        ),

        tails as (
            select
                given_p as p,
                least(given_p, 1e0 - given_p) as tail,
                given_df as df
            from given
        ),

        deviates as (
            select
                *,
                {{ segmentation.normal_quantile('tail') }} as z
            from tails
        ),

{{ segmentation._student_t_quantile_ctes('deviates') }}

        select quantile from quantiles
    )
{%- endmacro %}

{#
    CTEs that add to a relation with the columns p, tail (the smaller of p and 1 − p), z (the normal quantile of the tail) and
    df the column `quantile`. The last CTE is `quantiles`. Letters a to d, q (his y), w and z are Hill's; slope, bend and turn are the first three
    derivatives of −ln p over ln t at the start, divided by each other.
#}
{% macro _student_t_quantile_ctes(relation) -%}
        widths as (
            select
                *,
                1e0 / (df - 5e-1) as a,
                4.8e1 * (df - 5e-1) * (df - 5e-1) as b
            from {{ relation }}
        ),

        corrections as (
            select
                *,
                ((2.07e4 * a / b - 9.8e1) * a - 1.6e1) * a + 9.636e1 as c
            from widths
        ),

        factors as (
            select
                *,
                ((9.45e1 / (b + c) - 3e0) / b + 1e0) * sqrt(a * 1.5707963267948966e0) * df as d
            from corrections
        ),

        adjusted as (
            select
                *,
                4e0 * tail * (1e0 - tail) as square,
                power(2e0 * d * tail, 2e0 / df) as q,
                (
                    ((((4e-1 * z * z + 6.3e0) * z * z + 3.6e1) * z * z + 9.45e1) / (
                        (((5e-2 * d * z - 5e0) * z - 7e0) * z - 2e0) * z + b + c
                        + case when df < 5 then 3e-1 * (df - 4.5e0) * (z + 6e-1) else 0e0 end
                    ) - z * z - 3e0) / b + 1e0
                ) * z as w
            from factors
        ),

        starts as (
            select
                *,
                case
                    when tail > 4.999995e-1 then 0e0
                    when df < 2 then exp(
                        ln(1e0 / tan(3.1415926535897932e0 * tail))
                        * (1e0 / df - 5e-1) * (1e0 / df - 2.5e-1) / 3.75e-1
                        - ln(2e0 / square - 2e0) / 2e0
                        * (1e0 / df - 1e0) * (1e0 / df - 2.5e-1) / 1.25e-1
                        + ln(4e0 * (cos(acos(sqrt(square)) / 3e0) / sqrt(square) - 1e0)) / 2e0
                        * (1e0 / df - 1e0) * (1e0 / df - 5e-1) / 1.875e-1
                    )
                    when q > 5e-2 + a and a * w * w < 2e-3 then sqrt(df * a * w * w * (1e0 + a * w * w / 2e0))
                    when q > 5e-2 + a then sqrt(df * (exp(a * w * w) - 1e0))
                    else sqrt(df * (
                        ((1e0 / (((df + 6e0) / (df * q) - 8.9e-2 * d - 8.22e-1) * (df + 2e0) * 3e0)
                        + 5e-1 / (df + 4e0)) * q - 1e0)
                        * (df + 1e0) / (df + 2e0) + 1e0 / q
                    ))
                end as t
            from adjusted
        ),

{{ segmentation._student_t_ctes('starts') }},

        slopes as (
            select
                *,
                2e0 * t * density / nullif(two_sided_p, 0) as slope,
                1e0 - (df + 1e0) * y as curve,
                2e0 * (df + 1e0) * x * y as turn
            from student
        ),

        steps as (
            select
                *,
                ln(two_sided_p / (2e0 * tail)) / nullif(slope, 0) as step,
                slope + curve as bend
            from slopes
        ),

        quantiles as (
            select
                *,
                case
                    when tail > 4.999995e-1 then (p - 5e-1) / density
                    else sign(p - 5e-1) * t * exp(step * (
                        1e0 - bend / 2e0 * step + (bend * bend / 3e0 - (slope * bend - turn) / 6e0) * step * step
                    ))
                end as quantile
            from steps
        )
{%- endmacro %}
