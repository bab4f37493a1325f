{#
    SQL for what some users add to the change of a group's ratio between two dates, times the number of its users: a sum of small terms, of
    the change of their values and weights, and of the earlier ones, which count as far as the group's ratio and mean weight have
    changed. Over the whole group they add up to the change times n.

    Arguments: metric (entry of metrics(), a ratio), sums (relation with <metric>__n, __change_total, __change_weight,
               __before_total and __before_weight of the users), factors (relation with the columns of change_factors()).
    Source:    the delta method, as in change_moments; Deng, Knoblich and Lu (2018), KDD.
#}
{% macro linear_change(metric, sums, factors) -%}
    {%- set sum, factor = sums ~ '.' ~ metric.name, factors ~ '.' ~ metric.name -%}
    {{ sum }}__n * {{ factor }}__ratio_change + {{ factor }}__scale * {{ sum }}__change_total
        - {{ factor }}__scale * {{ factor }}__ratio * {{ sum }}__change_weight
        - ({{ factor }}__scale * {{ factor }}__ratio_change + {{ factor }}__scale_change * {{ factor }}__before_ratio)
        * {{ sum }}__before_weight
        + {{ factor }}__scale_change * {{ sum }}__before_total
{%- endmacro %}
