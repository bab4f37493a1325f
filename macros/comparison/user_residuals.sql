{#
    A SELECT of how far each user is from what a population leads one to expect, per metric: the value after the cap less mean × weight;
    of an ordinal metric the mid-rank less the middle of all ranks. Over the population these add up to 0.

    Arguments: metrics (entries of metrics()), values (relation with the columns of user_metric_values()), rulers (with those of
               rulers_by_date(), the center of zeros and ones too), keys (list: the columns of both that say which population;
               default: as_of_date), kept (list: further columns of `values` to keep).
    Call:      residuals as ( {{ user_residuals(metrics, 'metric_values', 'rulers') }} )
#}
{% macro user_residuals(metrics, values, rulers, keys=['as_of_date'], kept=[]) -%}
    select
        {{ values }}.user_id,
        {{ values }}.account_id,
        {%- for column in kept + (keys | reject('eq', 'as_of_date') | list) %}
        {{ values }}.{{ column }},
        {%- endfor %}
        {%- for metric in metrics %}
        {%- if metric.kind == 'ordinal' %}
        {{ metric.name }}__ranks.centered_rank as {{ metric.name }},
        {%- elif metric.kind == 'binary' %}
        {{ values }}.{{ metric.name }} - {{ rulers }}.{{ metric.name }}__mean as {{ metric.name }},
        {%- else %}
        {{ segmentation.ruled_values(metric, values, rulers)[metric.name] }} as {{ metric.name }},
        {%- endif %}
        {%- endfor %}
        {{ values }}.as_of_date
    from {{ values }}
    inner join {{ rulers }} on {{ segmentation._same_keys(values, rulers, keys) }}
    {%- for metric in metrics if metric.kind == 'ordinal' %}
    left join (
        select
            metric_value,
            {{ keys | join(', ') }},
            sum(users) over (partition by {{ keys | join(', ') }} order by metric_value rows between unbounded preceding and current row)
            - users / 2e0 - sum(users) over (partition by {{ keys | join(', ') }}) / 2e0 as centered_rank
        from (
            select
                {{ metric.name }} as metric_value,
                {{ keys | join(', ') }},
                cast(count(*) as double) as users
            from {{ values }}
            where {{ metric.name }} is not null
            group by {{ metric.name }}, {{ keys | join(', ') }}
        ) as {{ metric.name }}__counts
    ) as {{ metric.name }}__ranks
        on
            {{ values }}.{{ metric.name }} = {{ metric.name }}__ranks.metric_value
            and {{ segmentation._same_keys(values, metric.name ~ '__ranks', keys) }}
    {%- endfor %}
{%- endmacro %}

{% macro _same_keys(one, other, keys) -%}
    {%- for key in keys %}{{ one }}.{{ key }} = {{ other }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}
