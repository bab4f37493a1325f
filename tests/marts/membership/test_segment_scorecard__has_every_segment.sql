-- Every registered segment has one row in the scorecard, however few users it has, and its score is 0 to 100.
with
segments as (
    select * from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

segment_scorecard as (
    select * from {{ ref('segment_scorecard') }}
),

failures as (
    select
        'segment_scorecard: ' || coalesce(segments.segment, segment_scorecard.segment)
        || case
            when segment_scorecard.segment is null then ' has no row: small and empty segments must not be dropped.'
            when segments.segment is null then ' is not registered.'
            else ' has a score outside of 0 to 100, or a reason without a failing check.'
        end as message
    from segments
    full outer join segment_scorecard on segments.segment = segment_scorecard.segment
    where
        segments.segment is null
        or segment_scorecard.segment is null
        or segment_scorecard.score not between 0 and 100
        or (
            segment_scorecard.failing_checks = 0
            and not segment_scorecard.is_too_small
            and not segment_scorecard.is_acted_on_by_nobody
        ) != (segment_scorecard.reasons = '')
        or (segment_scorecard.failing_checks = 0) != (segment_scorecard.score = 100)
)

select * from failures
