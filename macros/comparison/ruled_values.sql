{#
    What sums over users need of a metric, by the ruler of a date, as column -> SQL:
      <metric>                              the value, capped and less center × weight
      <metric>__weight                      of a ratio: its denominator, capped
      <metric>__raw, <metric>__raw_weight   of a heavy-tailed metric: value and denominator before the cap

    Arguments: metric (entry of metrics()), values (relation as of user_metric_values()), rulers (of rulers_by_date()).
    Call:      {% for column, sql in ruled_values(metric, 'metric_values', 'rulers').items() %} {{ sql }} as {{ column }}, …
#}
{% macro ruled_values(metric, values, rulers) %}
    {% set weight = segmentation.capped_value(metric, values, rulers, weight=true) %}
    {% set columns = {
        metric.name: segmentation.centered_value(metric, segmentation.capped_value(metric, values, rulers), weight, rulers),
    } %}
    {% if metric.kind == 'ratio' %}
        {% do columns.update({metric.name ~ '__weight': weight}) %}
    {% endif %}
    {% if metric.is_heavy_tailed %}
        {% do columns.update({metric.name ~ '__raw': values ~ '.' ~ metric.name}) %}
        {% if metric.kind == 'ratio' %}
            {% do columns.update({metric.name ~ '__raw_weight': values ~ '.' ~ metric.name ~ '__weight'}) %}
        {% endif %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}
