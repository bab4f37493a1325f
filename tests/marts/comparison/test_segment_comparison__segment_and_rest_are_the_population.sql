-- Segment and rest are together all users of the date who have the metric, counted and, but for ratios, summed.
with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
    where baseline = 'rest'
),

user_features as (
    select * from {{ ref('user_features') }}
),

populations as (
    {%- for metric in segmentation.metrics() %}
    {%- set is_ratio = metric.kind == 'ratio' %}
    {%- set product = '(' ~ metric.numerator ~ ') * (' ~ metric.denominator ~ ')' %}
    {%- set expression = product if is_ratio else metric.expression %}
    select
        '{{ metric.name }}' as metric,
        {{ 'true' if is_ratio else 'false' }} as is_ratio,
        as_of_date,
        count({{ expression }}) as user_count,
        coalesce(sum(cast({{ expression }} as double)), 0e0) as total,
        coalesce(sum(abs(cast({{ expression }} as double))), 0e0) as sum_of_sizes
    from user_features
    group by as_of_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

failures as (
    select
        'segment_comparison: ' || segment_comparison.segment || ', ' || segment_comparison.metric || ' on '
        || cast(segment_comparison.as_of_date as {{ dbt.type_string() }}) || ' has '
        || cast(segment_comparison.n as {{ dbt.type_string() }}) || ' users and '
        || cast(segment_comparison.baseline_n as {{ dbt.type_string() }}) || ' in the rest; '
        || cast(coalesce(populations.user_count, 0) as {{ dbt.type_string() }})
        || ' users have the metric. Counts and totals of both sides must add up to those of the population.' as message
    from segment_comparison
    left join populations
        on
            segment_comparison.metric = populations.metric
            and segment_comparison.as_of_date = populations.as_of_date
    where
        (segment_comparison.n + segment_comparison.baseline_n) is distinct from populations.user_count
        or not coalesce(
            populations.is_ratio
            or abs(
                segment_comparison.n * coalesce(segment_comparison.raw_mean, 0e0)
                + segment_comparison.baseline_n * coalesce(segment_comparison.baseline_raw_mean, 0e0)
                - populations.total
            ) <= 1e-9 * populations.sum_of_sizes,
            false
        )
)

select * from failures
