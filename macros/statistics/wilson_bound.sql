{#
    A bound of the interval of a share at setting('confidence_level'), after Wilson: inside 0 to 1 and fair for small n.

    NULL unless n > 0 and 0 <= successes <= n.

    Arguments: successes, n (SQL, counts), side ('lower' or 'upper').
    Call:      {{ wilson_bound('converted_users', 'users', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    Wilson (1927), Journal of the American Statistical Association 22, 209–212.
#}
{% macro wilson_bound(successes, n, side) -%}
    {%- set successes = segmentation._operand(successes) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set sign = segmentation._sign('wilson_bound', side) -%}
    {%- set z = segmentation._confidence_z() -%}
    case
        when {{ n }} > 0 and {{ successes }} >= 0 and {{ successes }} <= {{ n }}
            then case
                when {{ successes }} = {{ '0 then 0e0' if side == 'lower' else n ~ ' then 1e0' }}
                else {{ segmentation._wilson(successes, n, sign, z) }}
            end
    end
{%- endmacro %}

{# The bound itself, where n > 0. Arguments: sign ('-' or '+'), z (a number). #}
{% macro _wilson(successes, n, sign, z) -%}
    ({{ successes }} + {{ segmentation._double(z * z / 2) }} {{ sign }} {{ segmentation._double(z) }} * sqrt(
        1e0 * {{ successes }} * ({{ n }} - {{ successes }}) / nullif({{ n }}, 0) + {{ segmentation._double(z * z / 4) }}
    )) / nullif({{ n }} + {{ segmentation._double(z * z) }}, 0)
{%- endmacro %}
