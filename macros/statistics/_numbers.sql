{#
    Pieces of formulas: as SQL, or as numbers that are known when the model is compiled.
#}

{# A number as a SQL literal of type double: with an exponent, or DuckDB and Spark would take it for a decimal. #}
{% macro _double(value) -%}
    {%- set text = (value | float) ~ '' -%}
    {{ return(text if 'e' in text else text ~ 'e0') }}
{%- endmacro %}

{# SQL of a polynomial by Horner's rule. Arguments: coefficients (texts, highest power first), x (SQL). #}
{% macro _polynomial(coefficients, x) -%}
    {%- set sql = namespace(text=coefficients[0]) -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set sql.text = '(' ~ sql.text ~ ') * ' ~ x ~ ' + ' ~ coefficient -%}
    {%- endfor -%}
    {{ return('(' ~ sql.text ~ ')') }}
{%- endmacro %}

{#
    SQL of the continued fraction 1 − e₁ / (1 − e₂ / (1 − …)), an even number of levels, as its even part
    1 − e₁ − e₁·e₂ / (1 − e₂ − e₃ − e₃·e₄ / (…)): the same value with half as many brackets in each other, of which
    parsers take a limited number.

    Arguments: levels (list of SQL, products and quotients), rests (list of SQL: 1 − e₁, 1 − e₃, …, since their
    caller knows how to write them without cancellation).
#}
{% macro _continued_fraction(levels, rests) -%}
    {%- set fraction = namespace(sql='1e0 - ' ~ levels[-1]) -%}
    {%- for index in range(levels | length - 2, -1, -2) -%}
        {%- set fraction.sql = rests[index // 2] ~ (' - ' ~ levels[index - 1] if index) ~ ' - ' ~ levels[index]
            ~ ' * ' ~ levels[index + 1] ~ ' / (' ~ fraction.sql ~ ')' -%}
    {%- endfor -%}
    {{ return(fraction.sql) }}
{%- endmacro %}

{# The same polynomial as a number. #}
{% macro _polynomial_number(coefficients, x) -%}
    {%- set value = namespace(sum=0.0) -%}
    {%- for coefficient in coefficients -%}
        {%- set value.sum = value.sum * x + (coefficient | float) -%}
    {%- endfor -%}
    {{ return(value.sum) }}
{%- endmacro %}

{# The natural logarithm of a number between 0 and 1: halvings, then 2·artanh((x − 1) / (x + 1)) as a series. #}
{% macro _ln_number(x) -%}
    {%- set value = namespace(x=x, ln=0.0, power=0.0) -%}
    {%- for halvings in [512, 256, 128, 64, 32, 16, 8, 4, 2, 1] if value.x <= 0.5 ** halvings -%}
        {%- set value.x = value.x * 2.0 ** halvings -%}
        {%- set value.ln = value.ln - halvings * 0.6931471805599453 -%}
    {%- endfor -%}
    {%- set y = (value.x - 1) / (value.x + 1) -%}
    {%- set value.power = 2 * y -%}
    {%- for odd in range(1, 45, 2) -%}
        {%- set value.ln = value.ln + value.power / odd -%}
        {%- set value.power = value.power * y * y -%}
    {%- endfor -%}
    {{ return(value.ln) }}
{%- endmacro %}

{# SQL that may stand next to any operator: a name or a number as it is, anything else in brackets. #}
{% macro _operand(sql) -%}
    {%- set text = sql ~ '' -%}
    {{ return(text if modules.re.match('^[\\w.]+$', text) else '(' ~ text ~ ')') }}
{%- endmacro %}
