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
    {%- set factors_of_terms = [change, change_weight, weight, before] -%}
    {{ segmentation.linear_change_terms('squares', sum, factors_of_terms) }}
        + {{ segmentation.linear_change_terms('products', sum, factors_of_terms) }}
        + {{ factor }}ratio_change * (2e0 * ({{ segmentation.linear_change(metric, sums, factors) }})
            - {{ sum }}n * {{ factor }}ratio_change)
{%- endmacro %}
