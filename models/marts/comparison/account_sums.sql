{{ config(
    materialized='by_date',
    upstream=['user_features', 'metric_rulers'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_segments'
) }}
{%- set metrics = segmentation.metrics() %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- do columns.update({metric.name: segmentation.account_sum_columns(metric)}) %}
{%- endfor %}

-- How alike users of one account are: sums over accounts of what their members add up to.
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(by_part=true) }}
),

metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

metric_values as (
    {{ segmentation.user_metric_values(metrics) }}
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

user_residuals as (
    {{ segmentation.user_residuals(metrics, 'metric_values', 'rulers') }}
),

{{ segmentation.sums_by_account(metrics, 'user_residuals') }},

sums_by_metric as (
    select
        sums_of_all_metrics.segment,
        metric_rulers.metric,
        {%- for name in segmentation.account_sum_columns(metrics[0]) %}
        {{ segmentation.pick_column('metric_rulers.metric', columns, name, 'sums_of_all_metrics') }} as {{ name }},
        {%- endfor %}
        sums_of_all_metrics.as_of_date
    from sums_of_all_metrics
    inner join metric_rulers on sums_of_all_metrics.as_of_date = metric_rulers.as_of_date
),

final as (
    select * from sums_by_metric
    where n > 0
)

select * from final
