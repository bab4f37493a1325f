-- At the newest date every metric differs between the accounts: one that is the same for all compares nothing.
with
segment_comparison as (
    select * from {{ ref('segmentation', 'segment_comparison') }}
),

metrics as (
    {%- for metric in segmentation.metrics() %}
    select '{{ metric.name }}' as metric
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

differing as (
    select
        metric,
        count(case when abs(difference) > 1e-9 then 1 end) as differing_segments
    from segment_comparison
    where as_of_date = data_through and baseline = 'rest'
    group by metric
),

problems as (
    select
        metrics.metric,
        'The metric ' || metrics.metric || ' is the same in every segment and its rest.' as message
    from metrics
    left join differing on metrics.metric = differing.metric
    where coalesce(differing.differing_segments, 0) = 0
)

select * from problems
