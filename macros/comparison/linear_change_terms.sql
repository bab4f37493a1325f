{#
    SQL of the parts of Σ (a D + b W + c w + d v)² over users, from sums over them: D and W are the changes of a user's value and weight, v and w
    the earlier ones, which add up to the change of a ratio; see linear_change(). `squares` has what is never negative, `products` the
    rest, so that the sum can be told from the rounding of its terms.

    Arguments: part ('squares' or 'products'), sums (what stands before the columns of change_sums(): a relation's name and a dot, a
               metric's prefix, or nothing), factors (a list: SQL of a, b, c and d).
    Errors:    another part stops the parse.
#}
{% macro linear_change_terms(part, sums, factors) -%}
    {%- set change, change_weight, weight, before = factors -%}
    {%- if part == 'squares' -%}
        {{ change }} * {{ change }} * {{ sums }}change_squares
        + {{ change_weight }} * {{ change_weight }} * {{ sums }}change_weight_squares
        + {{ weight }} * {{ weight }} * {{ sums }}before_weight_squares
        + {{ before }} * {{ before }} * {{ sums }}before_squares
    {%- elif part == 'products' -%}
        2e0 * (
            {{ change }} * {{ change_weight }} * {{ sums }}change_products
            + {{ change }} * {{ weight }} * {{ sums }}change_by_weight
            + {{ change }} * {{ before }} * {{ sums }}change_by_before
            + {{ change_weight }} * {{ weight }} * {{ sums }}change_weight_by_weight
            + {{ change_weight }} * {{ before }} * {{ sums }}change_weight_by_before
            + {{ weight }} * {{ before }} * {{ sums }}before_products
        )
    {%- else -%}
        {{ exceptions.raise_compiler_error("linear_change_terms: `part` must be 'squares' or 'products', got '" ~ part ~ "'.") }}
    {%- endif -%}
{%- endmacro %}
