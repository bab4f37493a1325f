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

{# A sum that is 0 where there is nothing to sum. #}
{% macro _sum(value) -%}
    {{ return('coalesce(sum(' ~ value ~ '), 0e0)') }}
{%- endmacro %}
