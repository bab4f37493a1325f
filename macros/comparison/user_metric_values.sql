{#
    A SELECT of each user's metrics on each date, with account_id, plan and tenure_band: a column <metric>, and for a ratio
    <metric>__weight beside it. Either both are NULL or none. All are doubles.

    Arguments: metrics (entries of metrics()), features (relation with the columns of user_features that they name, default
               user_features), kept (list: further columns of it to keep).
    Call:      metric_values as ( {{ user_metric_values(metrics) }} )
#}
{% macro user_metric_values(metrics, features='user_features', kept=[]) -%}
    select
        user_id,
        account_id,
        {%- for column in kept %}
        {{ column }},
        {%- endfor %}
        coalesce(plan, 'none') as plan,
        case
            {%- for first_day in segmentation.setting('tenure_bands') | sort(reverse=true) %}
            when tenure_days >= {{ first_day }} then cast({{ first_day }} as bigint)
            {%- else %}
            when true then cast(0 as bigint)
            {%- endfor %}
            else cast(0 as bigint)
        end as tenure_band,
        {%- for metric in metrics %}
        {%- if metric.kind == 'ratio' %}
        case when ({{ metric.denominator }}) is not null then cast({{ metric.numerator }} as double) end as {{ metric.name }},
        case when ({{ metric.numerator }}) is not null then cast({{ metric.denominator }} as double) end
            as {{ metric.name }}__weight,
        {%- else %}
        cast({{ metric.expression }} as double) as {{ metric.name }},
        {%- endif %}
        {%- endfor %}
        as_of_date
    from {{ features }}
{%- endmacro %}
