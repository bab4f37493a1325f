{#
    By how much users of one account overstate what is known of a difference between a group and the rest of a population, as
    double: the variance of Σ (T − t) e if accounts are drawn, over that if users are, at least 1; NULL without members. T is 1
    for members and 0 for others, t the share of members, e a residual that adds up to 0; S is the sum of e over an account's
    members, E over all its users.

    Σ (S − t E)² / Σ ((T − t) e)² = (Σ S² − 2 t Σ S E + t² Σ E²) / ((1 − 2 t) Σ e² of members + t² Σ e² of all). Divide n by it, or
    multiply a standard error by its root.

    Arguments: n, all_n (members, all), squares, all_squares (Σ e² of members, of all), account_squares (Σ S²), account_products
               (Σ S E), all_account_squares (Σ E²): SQL.
    Source:    Kish (1965), Survey sampling, 8.2, with the variance between clusters as in Liang and Zeger (1986), Biometrika 73, 13–22.
#}
{% macro design_effect(n, all_n, squares, all_squares, account_squares, account_products, all_account_squares) -%}
    {%- set n, all_n = segmentation._operand(n), segmentation._operand(all_n) -%}
    {%- set squares, all_squares = segmentation._operand(squares), segmentation._operand(all_squares) -%}
    {%- set share = '(' ~ n ~ ' / nullif(' ~ all_n ~ ', 0e0))' -%}
    {%- set by_user -%}
        ((1e0 - 2e0 * {{ share }}) * {{ squares }} + {{ share }} * {{ share }} * {{ all_squares }})
    {%- endset -%}
    {%- set by_account -%}
        (
            {{ segmentation._operand(account_squares) }} - 2e0 * {{ share }} * {{ segmentation._operand(account_products) }}
            + {{ share }} * {{ share }} * {{ segmentation._operand(all_account_squares) }}
        )
    {%- endset -%}
    case
        when {{ by_user }} > 1e-12 * {{ all_squares }} and {{ by_account }} > {{ by_user }}
            then {{ by_account }} / nullif({{ by_user }}, 0e0)
        when {{ n }} > 0 and {{ by_account }} + {{ by_user }} is not null then 1e0
    end
{%- endmacro %}
