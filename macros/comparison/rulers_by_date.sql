{#
    A SELECT that turns metric_rulers into one row per date: <metric>__mean; <metric>__center of all kinds but zeros and ones; of a
    heavy-tailed metric <metric>__cap and, if it is a ratio, <metric>__weight__cap.

    Arguments: metrics (entries of metrics()); metric_rulers is in scope.
    Call:      rulers as ( {{ rulers_by_date(metrics) }} )
#}
{% macro rulers_by_date(metrics) -%}
    select
        {%- for metric in metrics %}
        max(case when metric = '{{ metric.name }}' then mean end) as {{ metric.name }}__mean,
        {%- if metric.kind != 'binary' %}
        max(case when metric = '{{ metric.name }}' then center end) as {{ metric.name }}__center,
        {%- endif %}
        {%- if metric.is_heavy_tailed %}
        max(case when metric = '{{ metric.name }}' then cap end) as {{ metric.name }}__cap,
        {%- if metric.kind == 'ratio' %}
        max(case when metric = '{{ metric.name }}' then weight_cap end) as {{ metric.name }}__weight__cap,
        {%- endif %}
        {%- endif %}
        {%- endfor %}
        as_of_date
    from metric_rulers
    group by as_of_date
{%- endmacro %}
