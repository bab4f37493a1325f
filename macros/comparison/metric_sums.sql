{#
    What is summed of a metric over the users of a group, as name -> SQL: n (users who have it) and total; squares but for
    zeros and ones; for a ratio weight, weight_squares and products; for a heavy-tailed metric raw_total and raw_weight.
    All of them are doubles: summing integers is several times slower on DuckDB.

    Arguments: metric (entry of metrics()), relation (that has the columns of ruled_values()), prefix (what their names begin
               with there; default nothing).
    Call:      {% for name, sql in metric_sums(metric, 'ruled_values').items() %} {{ sql }} as {{ metric.name }}__{{ name }}, …
#}
{% macro metric_sums(metric, relation, prefix='') %}
    {% set value = relation ~ '.' ~ prefix ~ metric.name %}
    {% set columns = {'n': 'cast(count(' ~ value ~ ') as double)', 'total': segmentation._sum(value)} %}
    {% if metric.kind != 'binary' %}
        {% do columns.update({'squares': segmentation._sum(value ~ ' * ' ~ value)}) %}
    {% endif %}
    {% if metric.kind == 'ratio' %}
        {% do columns.update({
            'weight': segmentation._sum(value ~ '__weight'),
            'products': segmentation._sum(value ~ ' * ' ~ value ~ '__weight'),
            'weight_squares': segmentation._sum(value ~ '__weight * ' ~ value ~ '__weight'),
        }) %}
    {% endif %}
    {% if metric.is_heavy_tailed %}
        {% do columns.update({'raw_total': segmentation._sum(value ~ '__raw')}) %}
        {% if metric.kind == 'ratio' %}
            {% do columns.update({'raw_weight': segmentation._sum(value ~ '__raw_weight')}) %}
        {% endif %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}

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

{# A sum that is 0 where there is nothing to sum. #}
{% macro _sum(value) -%}
    {{ return('coalesce(sum(' ~ value ~ '), 0e0)') }}
{%- endmacro %}
