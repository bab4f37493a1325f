-- At the newest date each registered segment holds 1 to 95 % of the accounts and is compared by every metric.
with
segment_sizes as (
    select * from {{ ref('segmentation', 'segment_sizes') }}
),

segment_comparison as (
    select * from {{ ref('segmentation', 'segment_comparison') }}
),

registered as (
    {%- for segment in segmentation.registered_segments() %}
    select '{{ segment }}' as segment
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

newest_sizes as (
    select
        segment,
        share
    from segment_sizes
    where as_of_date = data_through
),

newest_comparisons as (
    select
        segment,
        count(distinct metric) as metrics
    from segment_comparison
    where as_of_date = data_through and n > 0
    group by segment
),

problems as (
    select
        registered.segment,
        'Segment ' || registered.segment
        || ' holds the share ' || coalesce(cast(newest_sizes.share as varchar), '(none)')
        || ' and is compared by ' || coalesce(newest_comparisons.metrics, 0) || ' metrics.' as message
    from registered
    left join newest_sizes on registered.segment = newest_sizes.segment
    left join newest_comparisons on registered.segment = newest_comparisons.segment
    where
        not coalesce(newest_sizes.share between 0.01 and 0.95, false)
        or newest_comparisons.metrics is distinct from {{ segmentation.metrics() | length }}
)

select * from problems
