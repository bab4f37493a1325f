{#
    What is summed of a metric over users who are there on two dates, as name -> SQL: the sums of metric_sums() for the date
    and, named before_…, for the earlier one; change_total, change_squares and change_cubes of the changes; signs and moves
    of an ordinal metric (how many more rose than fell, how many did either); and of a ratio the same of its weights and the
    products of changes and earlier values. Changes are summed as they are: differences of sums would cancel.

    Arguments: metric (entry of metrics()), relation (with the columns of ruled_values() and, named before__…, the same of
               the earlier date).
    Call:      {% for name, sql in change_sums(metric, 'paired_values').items() %}
#}
{% macro change_sums(metric, relation) %}
    {% set now = relation ~ '.' ~ metric.name %}
    {% set before = relation ~ '.before__' ~ metric.name %}
    {% set change = '(' ~ now ~ ' - ' ~ before ~ ')' %}
    {% set columns = segmentation.metric_sums(metric, relation) %}
    {% for name, sql in segmentation.metric_sums(metric, relation, 'before__').items() if name != 'n' %}
        {% do columns.update({'before_' ~ name: sql}) %}
    {% endfor %}
    {% do columns.update({
        'change_total': segmentation._sum(change),
        'change_squares': segmentation._sum(change ~ ' * ' ~ change),
        'change_cubes': segmentation._sum(change ~ ' * ' ~ change ~ ' * ' ~ change),
    }) %}
    {% if metric.kind == 'ordinal' %}
        {% do columns.update({
            'signs': segmentation._sum('sign(' ~ change ~ ')'), 'moves': segmentation._sum('abs(sign(' ~ change ~ '))'),
        }) %}
    {% elif metric.kind == 'ratio' %}
        {% set weight_before = before ~ '__weight' %}
        {% set weight_change = '(' ~ now ~ '__weight - ' ~ weight_before ~ ')' %}
        {% do columns.update({
            'change_weight': segmentation._sum(weight_change),
            'change_weight_squares': segmentation._sum(weight_change ~ ' * ' ~ weight_change),
            'change_products': segmentation._sum(change ~ ' * ' ~ weight_change),
            'change_by_before': segmentation._sum(change ~ ' * ' ~ before),
            'change_by_weight': segmentation._sum(change ~ ' * ' ~ weight_before),
            'change_weight_by_before': segmentation._sum(weight_change ~ ' * ' ~ before),
            'change_weight_by_weight': segmentation._sum(weight_change ~ ' * ' ~ weight_before),
        }) %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}
