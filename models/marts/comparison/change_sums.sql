{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'user_features'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_features',
    before=['user_features']
) }}
{%- set metrics = segmentation.metrics() %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- do columns.update({metric.name: segmentation.change_sum_columns(metric)}) %}
{%- endfor %}

-- Users who are there on the date and on the one before it, with both values of a metric by the ruler of the date: what
-- changes is the user, not the ruler. A segment's rows rest on its own members alone.
with
metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice(by_part=true) }}
),

-- Of members only, who are few where one segment is due.
user_features as (
    select * from {{ ref('user_features') }}
    where
        {{ segmentation.in_slice(before=true) }}
        and user_id in (select user_segments.user_id from user_segments)
),

rulers as (
    {{ segmentation.rulers_by_date(metrics) }}
),

{{ segmentation.paired_values(metrics) }},

{{ segmentation.patterns_of_members('user_segments') }},

sums_of_patterns as (
    select
        user_patterns.pattern,
        {%- for metric in metrics %}
        {%- for name, sql in segmentation.change_sums(metric, 'paired_values').items() %}
        {{ sql }} as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        paired_values.as_of_date
    from paired_values
    inner join user_patterns
        on
            paired_values.user_id = user_patterns.user_id
            and paired_values.as_of_date = user_patterns.as_of_date
    group by user_patterns.pattern, paired_values.as_of_date
),

sums_of_all_metrics as (
    select
        pattern_groups.segment,
        {%- for metric in metrics %}
        {%- for name in segmentation.change_sums(metric, 'paired_values') %}
        sum(sums_of_patterns.{{ metric.name }}__{{ name }}) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        sums_of_patterns.as_of_date
    from sums_of_patterns
    inner join pattern_groups
        on
            sums_of_patterns.pattern = pattern_groups.pattern
            and sums_of_patterns.as_of_date = pattern_groups.as_of_date
    group by pattern_groups.segment, sums_of_patterns.as_of_date
),

change_sums as (
    select
        sums_of_all_metrics.segment,
        metric_rulers.metric,
        {%- for name in segmentation.change_sum_columns(metrics[0]) %}
        {{ segmentation.pick_column('metric_rulers.metric', columns, name, 'sums_of_all_metrics') }} as {{ name }},
        {%- endfor %}
        sums_of_all_metrics.as_of_date
    from sums_of_all_metrics
    inner join metric_rulers on sums_of_all_metrics.as_of_date = metric_rulers.as_of_date
)

select * from change_sums
