{#
    Where each sum of the long form stands among the columns <metric>__<name> of metric_sums(), as name -> column. Without
    weights Σw and Σw² are n and Σxw is Σx; the square of a 0 or 1 is itself; without a cap the raw sums are the others.

    Arguments: metric (entry of metrics()), prefix (what the names of the sums begin with, but for n; default nothing).
#}
{% macro metric_sum_columns(metric, prefix='') %}
    {% set n = metric.name ~ '__n' %}
    {% set start = metric.name ~ '__' ~ prefix %}
    {% set is_ratio = metric.kind == 'ratio' %}
    {% set weight = start ~ 'weight' if is_ratio else n %}
    {{ return({
        'n': n,
        'weight': weight,
        'total': start ~ 'total',
        'squares': start ~ ('total' if metric.kind == 'binary' else 'squares'),
        'products': start ~ ('products' if is_ratio else 'total'),
        'weight_squares': start ~ 'weight_squares' if is_ratio else n,
        'raw_total': start ~ ('raw_total' if metric.is_heavy_tailed else 'total'),
        'raw_weight': start ~ 'raw_weight' if is_ratio and metric.is_heavy_tailed else weight,
    }) }}
{% endmacro %}
