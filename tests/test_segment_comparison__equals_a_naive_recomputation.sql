-- Means, deviations, difference and lift are what plain averages over members and others give, on the newest date.
-- The mart gets the rest by subtraction; here both sides are read from user_features and user_segments directly, for
-- the first and the last segment by name.
with
user_features as (
    select * from {{ ref('user_features') }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select min(segment) as segment from {{ ref('segments') }}
    union
    select max(segment) as segment from {{ ref('segments') }}
),

segment_comparison as (
    select * from {{ ref('segment_comparison') }}
    where baseline = 'rest'
),

metric_values as (
    {%- for metric in segmentation.metrics() | rejectattr('kind', 'eq', 'ratio') %}
    select
        user_features.user_id,
        user_features.as_of_date,
        '{{ metric.name }}' as metric,
        cast({{ metric.expression }} as double) as metric_value
    from user_features
    inner join data_through on user_features.as_of_date = data_through.data_through
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

labelled as (
    select
        segments.segment,
        metric_values.metric,
        metric_values.as_of_date,
        metric_values.metric_value,
        user_segments.user_id is not null as is_member
    from metric_values
    cross join segments
    left join user_segments
        on
            metric_values.user_id = user_segments.user_id
            and metric_values.as_of_date = user_segments.as_of_date
            and segments.segment = user_segments.segment
),

naive as (
    select
        segment,
        metric,
        as_of_date,
        count(case when is_member then metric_value end) as n,
        avg(case when is_member then metric_value end) as mean,
        avg(case when not is_member then metric_value end) as baseline_mean,
        stddev_samp(case when is_member then metric_value end) as standard_deviation,
        stddev_samp(case when not is_member then metric_value end) as baseline_standard_deviation,
        max(abs(metric_value)) as scale
    from labelled
    group by segment, metric, as_of_date
),

{% set compared = {
    'mean': 'naive.mean',
    'baseline_mean': 'naive.baseline_mean',
    'standard_deviation': 'naive.standard_deviation',
    'baseline_standard_deviation': 'naive.baseline_standard_deviation',
    'difference': 'naive.mean - naive.baseline_mean',
} -%}

failures as (
    {%- for column, expected in compared.items() %}
    select
        'segment_comparison: {{ column }} of ' || naive.segment || ', ' || naive.metric || ' is '
        || coalesce(cast(segment_comparison.{{ column }} as {{ dbt.type_string() }}), 'NULL')
        || ', plain averages give '
        || coalesce(cast({{ expected }} as {{ dbt.type_string() }}), 'NULL')
        || '; look at models/marts/segment_comparison.sql.' as message
    from naive
    left join segment_comparison
        on
            naive.segment = segment_comparison.segment
            and naive.metric = segment_comparison.metric
            and naive.as_of_date = segment_comparison.as_of_date
    where
        (segment_comparison.{{ column }} is null) != ({{ expected }} is null)
        or abs(segment_comparison.{{ column }} - ({{ expected }})) > 1e-9 * coalesce(naive.scale, 0e0)
        or segment_comparison.n is distinct from naive.n
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from failures
