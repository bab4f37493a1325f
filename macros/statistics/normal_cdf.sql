{#
    The probability that a standard normal value is at most z: between 0 and 1, as double.

    NULL for NULL, NaN and infinity. Absolute error 3e-16; for z < 0 also the relative one stays below 2e-14.
    Beyond |z| = 37.5 the tail is 0.

    Arguments: z (SQL; a bare column, since it is repeated: 2.3 kB of SQL for a name of one letter).
    Call:      {{ normal_cdf('z') }}
    Source:    Hart (1968), Computer Approximations, algorithm 5666, in the form of West (2005), Better approximations to
               cumulative normal functions, Wilmott Magazine, May 2005; beyond 5·√2 Laplace's continued fraction.
#}
{% macro normal_cdf(z) -%}
    {%- set z = segmentation._operand(z) -%}
    case when {{ z }} < 0 then {{ segmentation._normal_tail(z) }} else 1e0 - {{ segmentation._normal_tail(z) }} end
{%- endmacro %}

{# The probability beyond |z| on one side. exp() is kept from underflow, which raises on some engines. #}
{% macro _normal_tail(z) -%}
    {%- set x = 'abs(' ~ z ~ ')' -%}
    {%- set exponential = 'exp(-5e-1 * ' ~ z ~ ' * ' ~ z ~ ')' -%}
    {%- set fraction = namespace(sql=x) -%}
    {%- for depth in range(20, 0, -1) -%}
        {%- set fraction.sql = x ~ ' + ' ~ depth ~ 'e0 / (' ~ fraction.sql ~ ')' -%}
    {%- endfor -%}
    {%- set numerator = [
        '3.52624965998911e-2', '7.00383064443688e-1', '6.37396220353165e0', '3.3912866078383e1', '1.12079291497871e2',
        '2.21213596169931e2', '2.20206867912376e2'
    ] -%}
    {%- set denominator = [
        '8.83883476483184e-2', '1.75566716318264e0', '1.6064177579207e1', '8.67807322029461e1', '2.96564248779674e2',
        '6.37333633378831e2', '7.93826512519948e2', '4.40413735824752e2'
    ] -%}
    case
        when {{ x }} < 4e0
            then {{ exponential }} * {{ segmentation._polynomial(numerator, x) }}
                / {{ segmentation._polynomial(denominator, x) }}
        when {{ x }} <= 3.75e1
            then {{ exponential }} / (2.5066282746310005e0 * ({{ fraction.sql }}))
        when {{ x }} <= 1e308 then 0e0
    end
{%- endmacro %}
