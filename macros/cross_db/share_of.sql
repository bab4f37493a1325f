{#
    The share that a part has of a whole, where both are sums of doubles: between 0 and 1, with the rounding taken off.

    Sums of the same doubles in two orders differ in the last digits, and whoever holds everything would hold
    1.0000000000000002 of it. So what lies outside by no more than 1e-9 is 0 or 1. Where parts can be negative (refunds) a
    share can lie further outside, and stays. NULL unless the whole is above 0: of nothing, or of less, there are no shares,
    and 1e-12 of `size` is nothing (0.1 + 0.2 - 0.3 is not 0 in doubles).

    Arguments: part, whole (SQL, the sums), size (SQL, the sum of the absolute values behind `whole`).
    Call:      {{ share_of('revenue', 'population_revenue', 'population_revenue_size') }} as share_of_revenue
#}
{% macro share_of(part, whole, size) -%}
    {%- set part, whole = segmentation._operand(part), segmentation._operand(whole) -%}
    {%- set share = '1e0 * ' ~ part ~ ' / nullif(' ~ whole ~ ', 0)' -%}
    case
        when {{ whole }} > 0 and {{ whole }} > 1e-12 * {{ segmentation._operand(size) }}
            then case
                when {{ share }} > 1 and {{ share }} <= 1e0 + 1e-9 then 1e0
                when {{ share }} < 0 and {{ share }} >= -1e-9 then 0e0
                else {{ share }}
            end
    end
{%- endmacro %}
