{#
    What a group's ratio on two dates follows from, as column -> SQL: <metric>__ratio, __before_ratio, __ratio_change, __scale (users over
    weight) and __scale_change.

    Arguments: metric (entry of metrics(), a ratio), sums (relation with <metric>__n, __change_total, __change_weight,
               __before_total and __before_weight of the group).
#}
{% macro change_factors(metric, sums) %}
    {% set sum = sums ~ '.' ~ metric.name ~ '__' %}
    {% set weight = 'nullif(' ~ sum ~ 'before_weight + ' ~ sum ~ 'change_weight, 0)' %}
    {% set before_weight = 'nullif(' ~ sum ~ 'before_weight, 0)' %}
    {{ return({
        metric.name ~ '__ratio': '(' ~ sum ~ 'before_total + ' ~ sum ~ 'change_total) / ' ~ weight,
        metric.name ~ '__before_ratio': sum ~ 'before_total / ' ~ before_weight,
        metric.name ~ '__ratio_change':
            '(' ~ sum ~ 'change_total - ' ~ sum ~ 'change_weight * ' ~ sum ~ 'before_total / ' ~ before_weight ~ ') / ' ~ weight,
        metric.name ~ '__scale': sum ~ 'n / ' ~ weight,
        metric.name ~ '__scale_change': '-' ~ sum ~ 'n * ' ~ sum ~ 'change_weight / (' ~ weight ~ ' * ' ~ before_weight ~ ')',
    }) }}
{% endmacro %}
