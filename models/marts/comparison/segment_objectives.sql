with
segments as (
    select * from {{ ref('segments') }}
    where
        metric is not null
        and (retired_on is null or retired_on >= data_through)
),

metrics as (
    select * from {{ ref('metrics') }}
),

segment_comparison as (
    select * from {{ ref('segment_comparison') }}
    where
        baseline = 'rest'
        and {{ segmentation.at_newest_date() }}
),

measured as (
    select
        segments.segment,
        segments.label,
        segments.tier,
        segments.objective,
        segments.metric,
        metrics.label as metric_label,
        metrics.unit,
        metrics.direction,
        segments.owner,
        segments.owner_product,
        segments.owner_gtm,
        coalesce(segment_comparison.n, 0) as n,
        {{ segmentation.days_between('segments.data_through', 'segments.target_date') }} as days_left,
        segment_comparison.mean as actual,
        segments.target,
        -- A target of 0.6 that was met in tenths of 0.1 is met.
        case when metrics.direction = 'down' then -1 else 1 end
        * ({{ segmentation.difference_of_sums(
            'segment_comparison.mean', 'segments.target', 'abs(segments.target)'
        ) }}) as ahead,
        segments.target_date,
        segments.as_of_date,
        segments.data_through
    from segments
    left join metrics on segments.metric = metrics.metric
    left join segment_comparison
        on
            segments.segment = segment_comparison.segment
            and segments.metric = segment_comparison.metric
),

judged as (
    select
        segment,
        label,
        tier,
        objective,
        metric,
        metric_label,
        unit,
        direction,
        case
            when ahead is null then 'unknown'
            when ahead >= 0 then 'reached'
            when days_left < 0 then 'missed'
            else 'open'
        end as state,
        owner,
        owner_product,
        owner_gtm,
        n,
        days_left,
        actual,
        target,
        ahead,
        target_date,
        as_of_date,
        data_through
    from measured
)

select * from judged
