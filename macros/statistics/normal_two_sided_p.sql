{#
    The probability of a standard normal value at least as far from 0 as z: the two-sided p value of a z, as double.

    NULL for NULL, NaN and infinity. Computed in the tail: it does not become 0 before |z| = 37.5.
    Relative error 1e-12.

    Arguments: z (SQL; a bare column: 0.9 kB of SQL for a name of one letter).
    Call:      {{ normal_two_sided_p('z') }}
    Source:    Hart (1968), Computer Approximations, algorithm 5666, in the form of West (2005), Better approximations to
               cumulative normal functions, Wilmott Magazine, May 2005; beyond 4 the even part of Laplace's continued
               fraction, Abramowitz and Stegun 26.2.14, to a depth of 20, which keeps the relative error small where
               Hart's polynomials lose it.
#}
{% macro normal_two_sided_p(z) -%}
    {%- set z = segmentation._operand(z) -%}
    (2e0 * {{ segmentation._normal_tail(z) }})
{%- endmacro %}

{# The probability beyond |z| on one side. exp() is kept from underflow, which raises on some engines. #}
{% macro _normal_tail(z) -%}
    {%- set x = 'abs(' ~ z ~ ')' -%}
    {%- set density = 'exp(-5e-1 * ' ~ z ~ ' * ' ~ z ~ ')' -%}
    {%- set numerator = [
        '3.52624965998911e-2', '7.00383064443688e-1', '6.37396220353165e0', '3.3912866078383e1', '1.12079291497871e2',
        '2.21213596169931e2', '2.20206867912376e2'
    ] -%}
    {%- set denominator = [
        '8.83883476483184e-2', '1.75566716318264e0', '1.6064177579207e1', '8.67807322029461e1', '2.96564248779674e2',
        '6.37333633378831e2', '7.93826512519948e2', '4.40413735824752e2'
    ] -%}
    {%- set fraction = namespace(sql=z ~ ' * ' ~ z ~ ' + 4.1e1') -%}
    {%- for even in range(18, -1, -2) -%}
        {%- set fraction.sql = z ~ ' * ' ~ z ~ ' + ' ~ (2 * even + 1) ~ 'e0 - '
            ~ (even + 1) * (even + 2) ~ 'e0 / (' ~ fraction.sql ~ ')' -%}
    {%- endfor -%}
    case
        when {{ x }} < 4
            then {{ density }} * {{ segmentation._polynomial(numerator, x) }}
                / {{ segmentation._polynomial(denominator, x) }}
        when {{ x }} <= 3.75e1 then {{ density }} * 3.9894228040143268e-1 * {{ x }} / ({{ fraction.sql }})
        when {{ x }} <= 1e308 then 0e0
    end
{%- endmacro %}
