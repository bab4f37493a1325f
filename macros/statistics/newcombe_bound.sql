{#
    A bound of the interval of the difference of two shares (share − baseline share) at setting('confidence_level').

    Joins the Wilson intervals of the two shares: stays within −1 to 1 and holds where a share is 0 or 1.
    NULL unless both n > 0 and 0 <= successes <= n.

    Arguments: successes, n, baseline_successes, baseline_n (SQL, counts), side ('lower' or 'upper').
    Call:      {{ newcombe_bound('converted', 'n', 'baseline_converted', 'baseline_n', 'lower') }}
    Errors:    another side, or a confidence_level that is not strictly between 0 and 1, stops the parse.
    Source:    Newcombe (1998), Statistics in Medicine 17, 873–890, method 10.
#}
{% macro newcombe_bound(successes, n, baseline_successes, baseline_n, side) -%}
    {%- set successes = segmentation._operand(successes) -%}
    {%- set n = segmentation._operand(n) -%}
    {%- set baseline_successes = segmentation._operand(baseline_successes) -%}
    {%- set baseline_n = segmentation._operand(baseline_n) -%}
    {%- set sign = segmentation._sign('newcombe_bound', side) -%}
    {%- set opposite = '+' if sign == '-' else '-' -%}
    {%- set z = segmentation._confidence_z() -%}
    {%- set share = '1e0 * ' ~ successes ~ ' / nullif(' ~ n ~ ', 0)' -%}
    {%- set baseline_share = '1e0 * ' ~ baseline_successes ~ ' / nullif(' ~ baseline_n ~ ', 0)' -%}
    {%- set arm = share ~ ' - ' ~ segmentation._wilson(successes, n, sign, z) -%}
    {%- set baseline_arm = baseline_share ~ ' - ' ~ segmentation._wilson(baseline_successes, baseline_n, opposite, z) -%}
    case
        when {{ successes }} >= 0 and {{ successes }} <= {{ n }} and {{ n }} > 0
            and {{ baseline_successes }} >= 0 and {{ baseline_successes }} <= {{ baseline_n }} and {{ baseline_n }} > 0
            then {{ 'greatest(-1e0, ' if sign == '-' else 'least(1e0, ' }}{{ share }} - {{ baseline_share }}
                {{ sign }} sqrt(({{ arm }}) * ({{ arm }}) + ({{ baseline_arm }}) * ({{ baseline_arm }})))
    end
{%- endmacro %}
