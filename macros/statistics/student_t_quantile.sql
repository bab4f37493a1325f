{#
    The value that a Student t value stays below with probability p, as double.

    df may be any real number from 1 on. NULL for df < 1 or above 1e100 and unless 1e-100 <= p < 1. Relative error 1e-10.

    Arguments: p, df (SQL, any expressions: each is used twice at most; 11 kB of SQL).
               The body is a sub-select with stages, because every stage uses the one before it several times.
    Call:      {{ student_t_quantile('9.75e-1', 'df') }}
    Source:    Hill (1970), CACM algorithm 396; below df = 2, where that is rough, the closed forms for 1, 2 and 4
               interpolated in 1/df. Then one step of order four for ln p as a function of ln t.
#}
{% macro student_t_quantile(p, df) -%}
    {{ segmentation._student_t_quantile(p, df, segmentation.normal_quantile('half')) }}
{%- endmacro %}

{# The same. Argument: deviate (SQL of the normal quantile of `half`, the probability of one tail). #}
{% macro _student_t_quantile(p, df, deviate) -%}
    {%- set p = segmentation._operand(p) -%}
    {%- set df = segmentation._operand(df) -%}
    (
        select
            case
                when half > 4.999995e-1 then (probability - 5e-1) / density
                else sign(probability - 5e-1) * t * exp(newton * (
                    1e0 - bend / 2e0 * newton + (bend * bend / 3e0 - (slope * bend - turn) / 6e0) * newton * newton
                ))
            end
        from (
            select
                *,
                ln(reached / (2e0 * half)) / nullif(slope, 0) as newton,
                slope + 1e0 - (df + 1e0) * t * t / (df + t * t) as bend,
                2e0 * df * (df + 1e0) * t * t / ((df + t * t) * (df + t * t)) as turn
            from (
                select
                    *,
                    2e0 * t * density / nullif(reached, 0) as slope
                from (
                    select
                        *,
                        {{ segmentation._student_t_two_sided_p('t', 'df', 'bulk') }} as reached,
                        bulk / sqrt(df + t * t) as density
                    from (
                        select
                            *,
                            {{ segmentation._student_t_power('t', 'df') }} as bulk
                        from (
                            select
                                probability,
                                half,
                                df,
                                case
                                    when half > 4.999995e-1 then 0e0
                                    when df < 2 then exp(
                                        ln(1e0 / tan(3.1415926535897932e0 * half))
                                        * (1e0 / df - 5e-1) * (1e0 / df - 2.5e-1) / 3.75e-1
                                        - ln(2e0 / square - 2e0) / 2e0
                                        * (1e0 / df - 1e0) * (1e0 / df - 2.5e-1) / 1.25e-1
                                        + ln(4e0 * (cos(acos(sqrt(square)) / 3e0) / sqrt(square) - 1e0)) / 2e0
                                        * (1e0 / df - 1e0) * (1e0 / df - 5e-1) / 1.875e-1
                                    )
                                    when y > 5e-2 + a and w < 2e-3 then sqrt(df * w * (1e0 + w / 2e0))
                                    when y > 5e-2 + a then sqrt(df * (exp(w) - 1e0))
                                    else sqrt(df * (
                                        ((1e0 / (((df + 6e0) / (df * y) - 8.9e-2 * d - 8.22e-1) * (df + 2e0) * 3e0)
                                        + 5e-1 / (df + 4e0)) * y - 1e0)
                                        * (df + 1e0) / (df + 2e0) + 1e0 / y
                                    ))
                                end as t
                            from (
                                select
                                    *,
                                    a * v * v as w
                                from (
                                    select
                                        *,
                                        4e0 * half * (1e0 - half) as square,
                                        power(2e0 * d * half, 2e0 / df) as y,
                                        (((((4e-1 * z * z + 6.3e0) * z * z + 3.6e1) * z * z + 9.45e1)
                                        / ((((5e-2 * d * z - 5e0) * z - 7e0) * z - 2e0) * z + b + c
                                        + case when df < 5 then 3e-1 * (df - 4.5e0) * (z + 6e-1) else 0e0 end)
                                        - z * z - 3e0) / b + 1e0) * z as v
                                    from (
                                        select
                                            *,
                                            ((9.45e1 / (b + c) - 3e0) / b + 1e0) * sqrt(a * 1.5707963267948966e0) * df as d
                                        from (
                                            select
                                                *,
                                                ((2.07e4 * a / b - 9.8e1) * a - 1.6e1) * a + 9.636e1 as c
                                            from (
                                                select
                                                    *,
                                                    {{ deviate }} as z,
                                                    1e0 / (df - 5e-1) as a,
                                                    4.8e1 * (df - 5e-1) * (df - 5e-1) as b
                                                from (
                                                    select
                                                        given_p as probability,
                                                        given_df as df,
                                                        least(given_p, 1e0 - given_p) as half
                                                    from (
                                                        select
                                                            case
                                                                when {{ p }} >= 1e-100 and {{ p }} < 1 then {{ p }}
                                                            end as given_p,
                                                            case
                                                                when {{ df }} >= 1 and {{ df }} <= 1e100 then 1e0 * {{ df }}
                                                            end as given_df
                                                    ) as given
                                                ) as halved
                                            ) as widths
                                        ) as widths_c
                                    ) as widths_d
                                ) as deviates
                            ) as prepared
                        ) as started
                    ) as powered
                ) as compared
            ) as sloped
        ) as bent
    )
{%- endmacro %}
