{{ config(
    materialized='by_date',
    upstream=['user_features', 'metric_rulers'],
    parts_of='user_segments',
    part_column='segment',
    sized_by='user_features'
) }}
{%- set metrics = segmentation.metrics() %}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- do columns.update({metric.name: segmentation.metric_sum_columns(metric)}) %}
{%- endfor %}

-- Users are summed once per pattern of segments and stratum, as x − c·w, where c is the population's ratio: exact also
-- where values are large and differences small. All that compares groups of one date follows from these sums; the rest
-- of a segment is the population less the segment. A segment's rows rest on its own members alone.
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

ruled_values as (
    select
        metric_values.user_id,
        metric_values.plan,
        metric_values.tenure_band,
        {%- for metric in metrics %}
        {%- for column, sql in segmentation.ruled_values(metric, 'metric_values', 'rulers').items() %}
        {{ sql }} as {{ column }},
        {%- endfor %}
        {%- endfor %}
        metric_values.as_of_date
    from metric_values
    inner join rulers on metric_values.as_of_date = rulers.as_of_date
),

members as (
    {{ segmentation.members_of_groups() }}
),

{{ segmentation.patterns_of_members('members') }},

sums_of_patterns as (
    select
        user_patterns.pattern,
        ruled_values.plan,
        ruled_values.tenure_band,
        {%- for metric in metrics %}
        {%- for name, sql in segmentation.metric_sums(metric, 'ruled_values').items() %}
        {{ sql }} as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        ruled_values.as_of_date
    from ruled_values
    inner join user_patterns
        on
            ruled_values.user_id = user_patterns.user_id
            and ruled_values.as_of_date = user_patterns.as_of_date
    group by user_patterns.pattern, ruled_values.plan, ruled_values.tenure_band, ruled_values.as_of_date
),

sums_of_all_metrics as (
    select
        pattern_groups.segment,
        sums_of_patterns.plan,
        sums_of_patterns.tenure_band,
        {%- for metric in metrics %}
        {%- for name in segmentation.metric_sums(metric, 'ruled_values') %}
        sum(sums_of_patterns.{{ metric.name }}__{{ name }}) as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        sums_of_patterns.as_of_date
    from sums_of_patterns
    inner join pattern_groups
        on
            sums_of_patterns.pattern = pattern_groups.pattern
            and sums_of_patterns.as_of_date = pattern_groups.as_of_date
    group by
        pattern_groups.segment, sums_of_patterns.plan, sums_of_patterns.tenure_band, sums_of_patterns.as_of_date
),

sums_by_metric as (
    select
        sums_of_all_metrics.segment,
        metric_rulers.metric,
        sums_of_all_metrics.plan,
        sums_of_all_metrics.tenure_band,
        {%- for name in segmentation.metric_sum_columns(metrics[0]) %}
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
