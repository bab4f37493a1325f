{#
    The probability that a chi-square value is at least x: the p value of a chi-square, as double.

    df is a whole number from 1 on. NULL for another df, for x < 0, NULL, NaN and infinity. Up to df = 100 the relative error
    is 1e-12, with 0 beyond x = 1400; above 100 the absolute error is 1.2e-6.

    Arguments: x, df (SQL, any expressions). The body is a sub-select of 5 kB.
    Call:      {{ chi_square_tail('chi_square', 'df') }}
    Source:    Abramowitz and Stegun 26.4.4 and 26.4.5 (finite sums); above 100 Canal (2005), Computational Statistics and
               Data Analysis 48, 803–808.
#}
{% macro chi_square_tail(x, df) -%}
    {%- set x = segmentation._operand(x) -%}
    {%- set df = segmentation._operand(df) -%}
    (
        select
            case
                when freedom > 100 and deviate < 0 then 1e0 - tail
                when freedom > 100 then tail
                when half > 7e2 then 0e0
                when freedom = 1 then tail
                when odd > 0 then tail + exp(-half) * 1.1283791670955126e0 * sqrt(half) * from_1
                when odd = 0 then exp(-half) * from_1
            end
        from (
            select
                half,
                freedom,
                odd,
                deviate,
                {{ segmentation._chi_square_sum(16, 1, 'from_17') }} as from_1,
                case when freedom > 100 then 1e0 else 2e0 end * {{ segmentation._normal_tail('deviate') }} as tail
            from (
                select
                    *,
                    {{ segmentation._chi_square_sum(32, 17, 'from_33') }} as from_17
                from (
                    select
                        *,
                        case
                            when freedom > 100 then (
                                power(2e0 * half / freedom, 1e0 / 6e0) - power(2e0 * half / freedom, 1e0 / 3e0) / 2e0
                                + sqrt(2e0 * half / freedom) / 3e0
                                - 5e0 / 6e0 + 1e0 / 9e0 / freedom
                                + 7e0 / 6.48e2 / freedom / freedom - 2.5e1 / 2.187e3 / freedom / freedom / freedom
                            ) / sqrt(
                                1e0 / 1.8e1 / freedom + 1e0 / 1.62e2 / freedom / freedom
                                - 3.7e1 / 1.1664e4 / freedom / freedom / freedom
                            )
                            else sqrt(2e0 * half)
                        end as deviate,
                        {{ segmentation._chi_square_sum(49, 33, '1e0') }} as from_33
                    from (
                        select
                            given_x / 2e0 as half,
                            given_df as freedom,
                            given_df - 2e0 * floor(given_df / 2e0) as odd
                        from (
                            select
                                case when {{ x }} >= 0 and {{ x }} <= 1e100 then 1e0 * {{ x }} end as given_x,
                                case
                                    when {{ df }} >= 1 and {{ df }} <= 1e15 and floor({{ df }}) = {{ df }} then 1e0 * {{ df }}
                                end as given_df
                        ) as given
                    ) as halved
                ) as innermost
            ) as middle
        ) as outermost
    )
{%- endmacro %}

{#
    1 + y/(1+o) · (1 + y/(2+o) · (…)) from the term `first` to `last` inward, ending where df / 2 ends the sum;
    y = half, o = ½ for an odd df.
#}
{% macro _chi_square_sum(last, first, inner) -%}
    {%- set sum = namespace(sql=inner) -%}
    {%- for term in range(last, first - 1, -1) -%}
        {%- set sum.sql = '1e0 + case when freedom >= ' ~ (2 * term + 2) ~ ' + odd then half / (' ~ term ~ 'e0 + odd / 2e0) * ('
            ~ sum.sql ~ ') else 0e0 end' -%}
    {%- endfor -%}
    {{ return(sum.sql) }}
{%- endmacro %}
