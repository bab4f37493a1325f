{{ config(
    materialized='by_date',
    upstream=['user_features'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_features'
) }}
{%- set ordinal_metrics = segmentation.metrics() | selectattr('kind', 'eq', 'ordinal') | list %}

-- Users are counted once per segment and value; a segment's rows rest on its own members alone.
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(by_part=true) }}
),

metric_values as (
    {%- for metric in ordinal_metrics %}
    select
        user_id,
        '{{ metric.name }}' as metric,
        cast({{ metric.expression }} as double) as metric_value,
        as_of_date
    from user_features
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        user_id,
        user_id as metric,
        0e0 as metric_value,
        as_of_date
    from user_features
    where false
    {%- endfor %}
),

members as (
    {{ segmentation.members_of_groups() }}
),

value_counts as (
    select
        members.segment,
        metric_values.metric,
        metric_values.metric_value,
        cast(count(*) as double) as users,
        members.as_of_date
    from members
    inner join metric_values
        on
            members.user_id = metric_values.user_id
            and members.as_of_date = metric_values.as_of_date
    where metric_values.metric_value is not null
    group by members.segment, metric_values.metric, metric_values.metric_value, members.as_of_date
)

select * from value_counts
