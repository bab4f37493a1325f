{#
    The probability that a chi-square value is at least x: the p value of a chi-square, as double.

    df is a whole number from 1 on. NULL for another df, for x < 0, NULL, NaN and infinity. Up to df = 100 the absolute error
    is 1e-14 and the relative one 1e-12, with 0 beyond x = 1400; above 100 the absolute error is 1.4e-6.

    Arguments: x, df (SQL, any expressions but aggregates). The body is a sub-select of 6.7 kB.
    Call:      {{ chi_square_tail('chi_square', 'df') }}
    Source:    Abramowitz and Stegun 26.4.4 and 26.4.5 (finite sums); above 100 Canal (2005), Computational Statistics and
               Data Analysis 48, 803–808.
#}
{% macro chi_square_tail(x, df) -%}
    {%- set x = segmentation._operand(x) -%}
    {%- set df = segmentation._operand(df) -%}
    (
        with

        given as (
            select
                case when {{ x }} >= 0 and {{ x }} <= 1e100 then 1e0 * {{ x }} end as given_x,
                case
                    when {{ df }} >= 1 and {{ df }} <= 1e15 and floor({{ df }}) = {{ df }} then 1e0 * {{ df }}
                end as given_df
        ),

        halves as (
            select
                given_df as df,
                given_x / given_df as ratio,
                given_x / 2e0 as y,
                given_df - 2e0 * floor(given_df / 2e0) as odd,
                case
                    when given_df > 100 or given_x > 1.4e3 then 0e0
                    else floor(given_df / 2e0)
                end as terms
            from given
        ),

        sums_from_33 as (
            select
                *,
                case
                    when df > 100 then (
                        power(ratio, 1e0 / 6e0) - power(ratio, 1e0 / 3e0) / 2e0 + sqrt(ratio) / 3e0
                        - 5e0 / 6e0 + 1e0 / 9e0 / df + 7e0 / 6.48e2 / df / df - 2.5e1 / 2.187e3 / df / df / df
                    ) / sqrt(1e0 / 1.8e1 / df + 1e0 / 1.62e2 / df / df - 3.7e1 / 1.1664e4 / df / df / df)
                    else sqrt(2e0 * y)
                end as z,
                {{ segmentation._chi_square_sum(33, 49, '1e0') }} as sum_from_33
            from halves
        ),

        sums_from_17 as (
            select
                *,
                {{ segmentation._chi_square_sum(17, 32, 'sum_from_33') }} as sum_from_17
            from sums_from_33
        ),

        sums as (
            select
                *,
                {{ segmentation._chi_square_sum(1, 16, 'sum_from_17') }} as sum_from_1,
                {{ segmentation._normal_tail('z') }} as tail
            from sums_from_17
        ),

        tails as (
            select
                case
                    when df > 100 and z < 0 then 1e0 - tail
                    when df > 100 then tail
                    when y > 7e2 and df >= 1 then 0e0
                    when df = 1 then 2e0 * tail
                    when odd = 1 then 2e0 * tail + exp(-y) * 1.1283791670955126e0 * sqrt(y) * sum_from_1
                    when odd = 0 then exp(-y) * sum_from_1
                end as probability
            from sums
        )

        -- Near x = 0 rounding would make it a little more than 1.
        select case when probability > 1 then 1e0 else probability end from tails
    )
{%- endmacro %}

{#
    1 + y/(first+o) · (1 + y/(first+1+o) · (…)), o = ½ for an odd df, ending after `terms` terms, counted from the first of all.
    In parts, because parsers take a limited number of brackets in each other: inner is the next part.
#}
{% macro _chi_square_sum(first, last, inner) -%}
    {%- set sum = namespace(sql=inner) -%}
    {%- for term in range(last, first - 1, -1) -%}
        {%- set sum.sql = '1e0 + case when terms > ' ~ term ~ ' then y / (' ~ term ~ 'e0 + odd / 2e0) else 0e0 end * ('
            ~ sum.sql ~ ')' -%}
    {%- endfor -%}
    {{ return(sum.sql) }}
{%- endmacro %}
