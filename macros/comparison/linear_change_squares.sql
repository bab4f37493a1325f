{#
    SQL for the sum over users of the squares of linear_change() of each, from sums over them.

    Arguments: metric (entry of metrics(), a ratio), sums (relation with the columns of change_sums()), factors (relation with those of
               change_factors()).
#}
{% macro linear_change_squares(metric, sums, factors) -%}
    {%- set sum, factor = sums ~ '.' ~ metric.name ~ '__', factors ~ '.' ~ metric.name ~ '__' -%}
    {%- set change = factor ~ 'scale' -%}
    {%- set change_weight = '(-' ~ factor ~ 'scale * ' ~ factor ~ 'ratio)' -%}
    {%- set weight = '(-' ~ factor ~ 'scale * ' ~ factor ~ 'ratio_change - ' ~ factor ~ 'scale_change * ' ~ factor ~ 'before_ratio)' -%}
    {%- set before = factor ~ 'scale_change' -%}
    {{ change }} * {{ change }} * {{ sum }}change_squares
        + {{ change_weight }} * {{ change_weight }} * {{ sum }}change_weight_squares
        + {{ weight }} * {{ weight }} * {{ sum }}before_weight_squares
        + {{ before }} * {{ before }} * {{ sum }}before_squares
        + 2e0 * (
            {{ change }} * {{ change_weight }} * {{ sum }}change_products
            + {{ change }} * {{ weight }} * {{ sum }}change_by_weight
            + {{ change }} * {{ before }} * {{ sum }}change_by_before
            + {{ change_weight }} * {{ weight }} * {{ sum }}change_weight_by_weight
            + {{ change_weight }} * {{ before }} * {{ sum }}change_weight_by_before
            + {{ weight }} * {{ before }} * {{ sum }}before_products
        )
        + {{ factor }}ratio_change * (2e0 * ({{ segmentation.linear_change(metric, sums, factors) }})
            - {{ sum }}n * {{ factor }}ratio_change)
{%- endmacro %}
