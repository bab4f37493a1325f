{#
    What is summed of a metric over users who are there on two dates, as name -> SQL: the sums of metric_sums() for the date
    and, named before_…, for the earlier one; change_squares and change_cubes of their differences; signs and moves of an
    ordinal one (how many more rose than fell, how many did either); and mixed_… of a ratio, products across the two dates.

    Arguments: metric (entry of metrics()), relation (with the centred values <metric> and <metric>__before, and so on).
    Call:      {% for name, sql in change_sums(metric, 'paired_values').items() %}
#}
{% macro change_sums(metric, relation) %}
    {% set now = relation ~ '.' ~ metric.name %}
    {% set before = now ~ '__before' %}
    {% set change = '(' ~ now ~ ' - ' ~ before ~ ')' %}
    {% set columns = {} %}
    {% for name, sql in segmentation.metric_sums(metric, relation).items() %}
        {% do columns.update({name: sql}) %}
        {% if name != 'n' %}
            {#- <metric>__weight and the like become <metric>__weight__before. #}
            {% do columns.update({'before_' ~ name: modules.re.sub('(' ~ modules.re.escape(now) ~ '[a-z_]*)', '\\1__before', sql)}) %}
        {% endif %}
    {% endfor %}
    {% do columns.update({
        'change_squares': segmentation._sum(change ~ ' * ' ~ change),
        'change_cubes': segmentation._sum(change ~ ' * ' ~ change ~ ' * ' ~ change),
    }) %}
    {% if metric.kind == 'ordinal' %}
        {% do columns.update({
            'signs': segmentation._sum('sign(' ~ change ~ ')'), 'moves': segmentation._sum('abs(sign(' ~ change ~ '))'),
        }) %}
    {% elif metric.kind == 'ratio' %}
        {% set weight = now ~ '__weight' %}
        {% set before_weight = weight ~ '__before' %}
        {% do columns.update({
            'mixed_squares': segmentation._sum(now ~ ' * ' ~ before),
            'mixed_products': segmentation._sum(weight ~ ' * ' ~ before),
            'mixed_before_products': segmentation._sum(now ~ ' * ' ~ before_weight),
            'mixed_weight_squares': segmentation._sum(weight ~ ' * ' ~ before_weight),
        }) %}
    {% endif %}
    {{ return(columns) }}
{% endmacro %}

{# Where each sum of the long form stands among the columns of change_sums(), as name -> SQL; NULL for what a kind has not. #}
{% macro change_sum_columns(metric) %}
    {% set columns = {} %}
    {% for name, column in segmentation.metric_sum_columns(metric).items() %}
        {% do columns.update({name: column}) %}
        {% if name != 'n' %}
            {% set is_n = column == metric.name ~ '__n' %}
            {% do columns.update({'before_' ~ name: column if is_n else column | replace('__', '__before_')}) %}
        {% endif %}
    {% endfor %}
    {% set special = {
        'change_squares': true, 'change_cubes': true, 'signs': metric.kind == 'ordinal', 'moves': metric.kind == 'ordinal',
        'mixed_squares': metric.kind == 'ratio', 'mixed_products': metric.kind == 'ratio',
        'mixed_before_products': metric.kind == 'ratio', 'mixed_weight_squares': metric.kind == 'ratio',
    } %}
    {% for name, exists in special.items() %}
        {% do columns.update({name: metric.name ~ '__' ~ name if exists else 'cast(null as double)'}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
