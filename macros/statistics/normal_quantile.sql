{#
    The value that a standard normal value stays below with probability p, as double.

    NULL unless 0 < p < 1. Relative error 1e-15.

    Arguments: p (SQL, double; a bare column: 3.3 kB of SQL for a name of one letter).
    Call:      {{ normal_quantile('p') }}
    Source:    Wichura (1988), Algorithm AS 241 (PPND16), Applied Statistics 37, 477–484.
#}
{% macro normal_quantile(p) -%}
    {%- set p = segmentation._operand(p) -%}
    {%- set parts = segmentation._normal_quantile_parts() -%}
    {%- set central = '(1.80625e-1 - (' ~ p ~ ' - 5e-1) * (' ~ p ~ ' - 5e-1))' -%}
    {%- set root = 'sqrt(-ln(least(' ~ p ~ ', 1e0 - ' ~ p ~ ')))' -%}
    {%- set near = '(' ~ root ~ ' - 1.6e0)' -%}
    {%- set far = '(' ~ root ~ ' - 5e0)' -%}
    case
        when {{ p }} <= 0 or {{ p }} >= 1 then cast(null as double)
        when abs({{ p }} - 5e-1) <= 4.25e-1
            then ({{ p }} - 5e-1) * {{ segmentation._polynomial(parts.central[0], central) }}
                / {{ segmentation._polynomial(parts.central[1], central) }}
        when {{ root }} <= 5
            then sign({{ p }} - 5e-1) * {{ segmentation._polynomial(parts.near[0], near) }}
                / {{ segmentation._polynomial(parts.near[1], near) }}
        else sign({{ p }} - 5e-1) * {{ segmentation._polynomial(parts.far[0], far) }}
            / {{ segmentation._polynomial(parts.far[1], far) }}
    end
{%- endmacro %}

{# The same for a number that is known when the model is compiled. #}
{% macro _normal_quantile_number(p) -%}
    {%- set parts = segmentation._normal_quantile_parts() -%}
    {%- set q = p - 0.5 -%}
    {%- if q | abs <= 0.425 -%}
        {%- set part = parts.central -%}
        {%- set x = 0.180625 - q * q -%}
        {%- set factor = q -%}
    {%- else -%}
        {%- set root = (-segmentation._ln_number([p, 1 - p] | min)) ** 0.5 -%}
        {%- set part = parts.near if root <= 5 else parts.far -%}
        {%- set x = root - (1.6 if root <= 5 else 5) -%}
        {%- set factor = -1 if q < 0 else 1 -%}
    {%- endif -%}
    {{ return(
        factor * segmentation._polynomial_number(part[0], x) / segmentation._polynomial_number(part[1], x)
    ) }}
{%- endmacro %}

{# Coefficients of the three pairs of polynomials, highest power first. #}
{% macro _normal_quantile_parts() -%}
    {{ return({
        'central': [
            ['2.5090809287301226727e3', '3.3430575583588128105e4', '6.7265770927008700853e4', '4.5921953931549871457e4',
             '1.3731693765509461125e4', '1.9715909503065514427e3', '1.3314166789178437745e2', '3.3871328727963666080e0'],
            ['5.2264952788528545610e3', '2.8729085735721942674e4', '3.9307895800092710610e4', '2.1213794301586595867e4',
             '5.3941960214247511077e3', '6.8718700749205790830e2', '4.2313330701600911252e1', '1e0']
        ],
        'near': [
            ['7.74545014278341407640e-4', '2.27238449892691845833e-2', '2.41780725177450611770e-1',
             '1.27045825245236838258e0', '3.64784832476320460504e0', '5.76949722146069140550e0',
             '4.63033784615654529590e0', '1.42343711074968357734e0'],
            ['1.05075007164441684324e-9', '5.47593808499534494600e-4', '1.51986665636164571966e-2',
             '1.48103976427480074590e-1', '6.89767334985100004550e-1', '1.67638483018380384940e0',
             '2.05319162663775882187e0', '1e0']
        ],
        'far': [
            ['2.01033439929228813265e-7', '2.71155556874348757815e-5', '1.24266094738807843860e-3',
             '2.65321895265761230930e-2', '2.96560571828504891230e-1', '1.78482653991729133580e0',
             '5.46378491116411436990e0', '6.65790464350110377720e0'],
            ['2.04426310338993978564e-15', '1.42151175831644588870e-7', '1.84631831751005468180e-5',
             '7.86869131145613259100e-4', '1.48753612908506148525e-2', '1.36929880922735805310e-1',
             '5.99832206555887937690e-1', '1e0']
        ]
    }) }}
{%- endmacro %}
