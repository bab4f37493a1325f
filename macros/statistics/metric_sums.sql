{#
    The sums per metric from which means, spreads and those of the complement follow, as columns of one SELECT:
    <metric>_n (values), <metric>_total, <metric>_scale (of absolute values), and of the values less the population's mean
    <metric>_shifted_total and <metric>_squares. All of them are doubles: summing integers is several times slower on DuckDB.

    Arguments: metrics (list of entries of metrics()). The relation in scope has <metric> and <metric>_shifted.
    Call:      select segment, {{ metric_sums(metrics()) }} from … group by segment
#}
{% macro metric_sums(metrics) -%}
    {%- for metric in metrics %}
        count({{ metric.name }}) as {{ metric.name }}_n,
        coalesce(sum({{ metric.name }}), 0e0) as {{ metric.name }}_total,
        coalesce(sum(abs({{ metric.name }})), 0e0) as {{ metric.name }}_scale,
        coalesce(sum({{ metric.name }}_shifted), 0e0) as {{ metric.name }}_shifted_total,
        coalesce(sum({{ metric.name }}_shifted * {{ metric.name }}_shifted), 0e0) as {{ metric.name }}_squares
        {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
