{#
    The probability of a Student t value at least as far from 0 as t: the two-sided p value of a t, as double.

    df may be any real number from 1 on (Welch). NULL for df < 1, NULL, NaN and infinity. Absolute error 1e-13,
    relative error 1e-10 down to 1e-290; below 1e-304 it stays there.

    Arguments: t, df (SQL; bare columns, since they are repeated: 6.5 kB of SQL for names of one and two letters).
    Call:      {{ student_t_two_sided_p('t', 'df') }}
    Source:    the incomplete beta function I(df/2, 1/2) at df / (df + t²) by its continued fraction, DLMF 8.17.22, or one
               minus that of the other side, each to a fixed depth of 24 from the inside out. Where the two meet
               (t² = 10.5 · df / (df + 8)) was chosen by trial so that both have converged for every df from 1 to 1e6.
#}
{% macro student_t_two_sided_p(t, df) -%}
    {%- set t = segmentation._operand(t) -%}
    {%- set df = segmentation._operand(df) -%}
    {{ segmentation._student_t_two_sided_p(t, df, segmentation._student_t_power(t, df)) }}
{%- endmacro %}

{# The same for operands, with `power` (SQL of _student_t_power()). #}
{% macro _student_t_two_sided_p(t, df, power) -%}
    {%- set depth = 24 -%}
    {%- set x = df ~ ' / (' ~ df ~ ' + ' ~ t ~ ' * ' ~ t ~ ')' -%}
    {%- set y = t ~ ' * ' ~ t ~ ' / (' ~ df ~ ' + ' ~ t ~ ' * ' ~ t ~ ')' -%}
    {%- set upper = namespace(sql='1e0') -%}
    {%- set lower = namespace(sql='1e0') -%}
    {%- for level in range(depth, 0, -1) -%}
        {%- set even = level - level % 2 -%}
        {%- if level % 2 -%}
            {%- set upper.sql = '1e0 - (' ~ df ~ ' + ' ~ even ~ 'e0) * (' ~ df ~ ' + ' ~ (even + 1) ~ 'e0) * ' ~ x
                ~ ' / ((' ~ df ~ ' + ' ~ 2 * even ~ 'e0) * (' ~ df ~ ' + ' ~ (2 * even + 2) ~ 'e0) * (' ~ upper.sql ~ '))' -%}
            {%- set lower.sql = '1e0 - ' ~ (even + 1) ~ 'e0 * (' ~ df ~ ' + ' ~ (even + 1) ~ 'e0) * ' ~ y
                ~ ' / (' ~ (2 * even + 1) * (2 * even + 3) ~ 'e0 * (' ~ lower.sql ~ '))' -%}
        {%- else -%}
            {%- set upper.sql = '1e0 - ' ~ even * (even - 1) ~ 'e0 * ' ~ x
                ~ ' / ((' ~ df ~ ' + ' ~ (2 * even - 2) ~ 'e0) * (' ~ df ~ ' + ' ~ 2 * even ~ 'e0) * (' ~ upper.sql ~ '))' -%}
            {%- set lower.sql = '1e0 + ' ~ even ~ 'e0 * (' ~ df ~ ' - ' ~ even ~ 'e0) * ' ~ y
                ~ ' / (' ~ (2 * even - 1) * (2 * even + 1) ~ 'e0 * (' ~ lower.sql ~ '))' -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set front = 'abs(' ~ t ~ ') / sqrt(' ~ df ~ ' + ' ~ t ~ ' * ' ~ t ~ ') * ' ~ power -%}
    case
        when {{ df }} < 1 then cast(null as double)
        when {{ df }} <= 1e100 and abs({{ t }}) <= 1e100
            then case
                when {{ t }} * {{ t }} * ({{ df }} + 8e0) < 1.05e1 * {{ df }}
                    then 1e0 - 2e0 * {{ front }} / ({{ lower.sql }})
                else 2e0 * {{ front }} / ({{ df }} * ({{ upper.sql }}))
            end
    end
{%- endmacro %}

{#
    Γ((df + 1) / 2) / (√π · Γ(df / 2)) · (1 + t² / df) to the power −df / 2.

    The quotient of gammas, which no engine but DuckDB could give, follows from that of arguments larger by 8, whose
    logarithm is ½·ln w + Σ −2·E(2k) / (2k · 4^(2k + 1) · w^(2k)), w = df / 2 + 8 − 1/4, with Euler's numbers E
    (DLMF 5.11.8, at 3/4 and 1/4). The logarithm of 1 + t² / df is a series where the rounding of the 1 would show.
#}
{% macro _student_t_power(t, df) -%}
    {%- set w = '(5e-1 * ' ~ df ~ ' + 7.75e0)' -%}
    {%- set gammas = segmentation._polynomial([
        '2.4090290069580078e-3', '-1.3208389282226562e-3', '1.2410481770833333e-3', '-2.44140625e-3', '1.5625e-2', '0e0'
    ], '(1e0 / (' ~ w ~ ' * ' ~ w ~ '))') -%}
    {%- set u = '(' ~ t ~ ' * ' ~ t ~ ' / (2e0 * ' ~ df ~ ' + ' ~ t ~ ' * ' ~ t ~ '))' -%}
    {%- set series = segmentation._polynomial([
        '1.3333333333333333e-1', '1.5384615384615385e-1', '1.8181818181818182e-1', '2.2222222222222222e-1',
        '2.8571428571428571e-1', '4e-1', '6.6666666666666667e-1', '2e0'
    ], '(' ~ u ~ ' * ' ~ u ~ ')') -%}
    {%- set shift -%}
        {%- for step in range(0, 16, 2) %} * ({{ df }} + {{ step }}e0) / ({{ df }} + {{ step + 1 }}e0){% endfor -%}
    {%- endset -%}
    5.6418958354775629e-1 * sqrt({{ w }}){{ shift }} * exp(greatest({{ gammas }} - 5e-1 * {{ df }} * case
        when {{ t }} * {{ t }} < 1e-1 * {{ df }} then {{ u }} * {{ series }}
        else ln(1e0 + {{ t }} * {{ t }} / {{ df }})
    end, -7e2))
{%- endmacro %}
