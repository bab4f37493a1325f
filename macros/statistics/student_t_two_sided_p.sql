{#
    The probability of a Student t value at least as far from 0 as t: the two-sided p value of a t, as double.

    df may be any real number from 1 to 1e100 (Welch). NULL for another df, |t| > 1e100, NULL, NaN and infinity.
    Absolute error 1e-13, relative error 1e-10; what lies below 1e-300 is not told apart.

    Arguments: t, df (SQL, any expressions but aggregates). The body is a sub-select of 5.9 kB.
    Call:      {{ student_t_two_sided_p('t', 'df') }}
    Source:    the incomplete beta function by its continued fractions, DLMF 8.17.22; see _student_t.sql.
#}
{% macro student_t_two_sided_p(t, df) -%}
    {%- set t = segmentation._operand(t) -%}
    {%- set df = segmentation._operand(df) -%}
    (
        with

        given as (
            select
                case when abs({{ t }}) <= 1e100 then 1e0 * {{ t }} end as given_t,
                case when {{ df }} >= 1 and {{ df }} <= 1e100 then 1e0 * {{ df }} end as given_df
        ),

        named as (
            select
                given_t as t,
                given_df as df
            from given
        ),

{{ segmentation._student_t_ctes('named') }}

        select two_sided_p from student
    )
{%- endmacro %}
