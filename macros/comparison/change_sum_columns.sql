{# Where each sum of the long form stands among the columns of change_sums(), as name -> column; none for what a kind has not. #}
{% macro change_sum_columns(metric) %}
    {% set columns = segmentation.metric_sum_columns(metric) %}
    {% for name, column in segmentation.metric_sum_columns(metric, 'before_').items() if name != 'n' %}
        {% do columns.update({'before_' ~ name: column}) %}
    {% endfor %}
    {% set is_ratio = metric.kind == 'ratio' %}
    {% set special = {
        'change_total': true, 'change_squares': true, 'change_cubes': true, 'signs': metric.kind == 'ordinal',
        'moves': metric.kind == 'ordinal', 'change_weight': is_ratio, 'change_weight_squares': is_ratio,
        'change_products': is_ratio, 'change_by_before': is_ratio, 'change_by_weight': is_ratio,
        'change_weight_by_before': is_ratio, 'change_weight_by_weight': is_ratio,
    } %}
    {% for name, exists in special.items() %}
        {% do columns.update({name: metric.name ~ '__' ~ name if exists else none}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
