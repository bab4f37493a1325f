-- Means before the cap, and where there is no cap deviations and difference too, are what plain averages over members
-- and others give, on the newest date. The mart gets the rest by subtraction; here both sides are read from
-- user_features and user_segments directly, for the first and the last segment by name.
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
    where retired_on is null or retired_on >= data_through
    union
    select max(segment) as segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

segment_comparison as (
    select * from {{ ref('segment_comparison') }}
    where baseline = 'rest'
),

metric_values as (
    {%- for metric in segmentation.metrics() %}
    {%- set is_ratio = metric.kind == 'ratio' %}
    select
        user_features.user_id,
        user_features.as_of_date,
        '{{ metric.name }}' as metric,
        {{ 'true' if is_ratio else 'false' }} as is_ratio,
        {%- if is_ratio %}
        case
            when ({{ metric.denominator }}) is not null then cast({{ metric.numerator }} as double)
        end as metric_value,
        case
            when ({{ metric.numerator }}) is not null then cast({{ metric.denominator }} as double)
        end as weight
        {%- else %}
        cast({{ metric.expression }} as double) as metric_value,
        1e0 as weight
        {%- endif %}
    from user_features
    inner join data_through on user_features.as_of_date = data_through.data_through
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

labelled as (
    select
        segments.segment,
        metric_values.metric,
        metric_values.is_ratio,
        metric_values.as_of_date,
        metric_values.metric_value,
        case when metric_values.metric_value is not null then metric_values.weight end as weight,
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
        is_ratio,
        as_of_date,
        count(case when is_member then metric_value end) as n,
        sum(case when is_member then metric_value end) / nullif(sum(case when is_member then weight end), 0) as mean,
        sum(case when not is_member then metric_value end) / nullif(sum(case when not is_member then weight end), 0)
            as baseline_mean,
        stddev_samp(case when is_member then metric_value end) as standard_deviation,
        stddev_samp(case when not is_member then metric_value end) as baseline_standard_deviation,
        max(abs(metric_value)) as size
    from labelled
    group by segment, metric, is_ratio, as_of_date
),

{% set compared = {
    'raw_mean': 'naive.mean',
    'baseline_raw_mean': 'naive.baseline_mean',
    'standard_deviation': 'naive.standard_deviation',
    'baseline_standard_deviation': 'naive.baseline_standard_deviation',
    'difference': 'naive.mean - naive.baseline_mean',
} -%}
{%- set compares = {
    'standard_deviation': 'not segment_comparison.is_winsorized and not naive.is_ratio',
    'baseline_standard_deviation': 'not segment_comparison.is_winsorized and not naive.is_ratio',
    'difference': 'not segment_comparison.is_winsorized',
} -%}

failures as (
    {%- for column, expected in compared.items() %}
    select
        'segment_comparison: {{ column }} of ' || naive.segment || ', ' || naive.metric || ' is '
        || coalesce(cast(segment_comparison.{{ column }} as {{ dbt.type_string() }}), 'NULL')
        || ', plain averages give '
        || coalesce(cast({{ expected }} as {{ dbt.type_string() }}), 'NULL')
        || '; look at models/marts/comparison/group_moments.sql.' as message
    from naive
    left join segment_comparison
        on
            naive.segment = segment_comparison.segment
            and naive.metric = segment_comparison.metric
            and naive.as_of_date = segment_comparison.as_of_date
    where
        segment_comparison.n is distinct from naive.n
        or (
            {{ compares.get(column, 'true') }}
            and (
                (segment_comparison.{{ column }} is null) != ({{ expected }} is null)
                or abs(segment_comparison.{{ column }} - ({{ expected }})) > 1e-9 * coalesce(naive.size, 0e0)
            )
        )
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from failures
