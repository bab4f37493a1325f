{#
    Where each sum of the long form stands among the columns <metric>__<name> of account_sums, as name -> column.

    Arguments: metric (entry of metrics()).
#}
{% macro account_sum_columns(metric) %}
    {% set columns = {} %}
    {% for name in ['n', 'accounts', 'whole_accounts', 'squares', 'account_squares', 'account_products'] %}
        {% do columns.update({name: metric.name ~ '__' ~ name}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
