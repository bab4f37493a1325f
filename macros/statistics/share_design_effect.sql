{#
    By how much users of one account overstate what is known of a share, as double: the variance of the share if accounts are drawn,
    over that if users are, at least 1. Where all or none are successes nothing says how alike colleagues are: then as if those of
    an account were one. NULL without users. Divide successes and n by it, for wilson_bound() say.

    With N users and R successes of an account, and p = successes / n: Σ (R − p N)² / (n p (1 − p)).

    Arguments: successes, n (SQL, counts), success_squares (Σ R²), products (Σ R N), squares (Σ N²): SQL, sums over accounts; a user
               without an account is one of their own, with 1 and 0 or 1.
    Call:      {{ share_design_effect('retained', 'n', 'retained_squares', 'retained_products', 'squares') }}
    Source:    Kish (1965), Survey sampling, 8.2, with the variance between clusters as in Liang and Zeger (1986), Biometrika 73, 13–22.
#}
{% macro share_design_effect(successes, n, success_squares, products, squares) -%}
    {%- set successes, n = segmentation._operand(successes), segmentation._operand(n) -%}
    {%- set success_squares, products = segmentation._operand(success_squares), segmentation._operand(products) -%}
    {%- set squares = segmentation._operand(squares) -%}
    {%- set p = '(1e0 * ' ~ successes ~ ' / nullif(' ~ n ~ ', 0))' -%}
    case
        when
            {{ n }} > 0 and {{ successes }} >= 0 and {{ successes }} <= {{ n }}
            and {{ success_squares }} + {{ products }} + {{ squares }} is not null
            then case
                when {{ successes }} = 0 or {{ successes }} = {{ n }} then 1e0 * {{ squares }} / nullif({{ n }}, 0)
                else greatest(
                    (
                        {{ success_squares }} - 2e0 * {{ p }} * {{ products }} + {{ p }} * {{ p }} * {{ squares }}
                    ) / nullif({{ n }} * {{ p }} * (1e0 - {{ p }}), 0e0), 1e0
                )
            end
    end
{%- endmacro %}
