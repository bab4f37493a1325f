-- Every segment has a row whose counts and median are those of its curves, whose members are those of user_segments,
-- and whose numbers lie on the right side of each other.
with
curves as (
    select
        segment,
        sum(case when group_name = 'segment' then entered else 0 end) as n,
        sum(case when group_name = 'segment' then events else 0 end) as events,
        sum(case when group_name = 'rest' then events else 0 end) as baseline_events,
        min(case when group_name = 'segment' and survival <= 5e-1 + 1e-12 then day_number end) as median_days
    from {{ ref('segment_survival') }}
    group by segment
),

members as (
    select
        segment,
        count(distinct user_id) as members
    from {{ ref('user_segments') }}
    group by segment
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
    union all
    select '__all__' as segment
    from {{ ref('data_through') }}
),

summary as (
    select * from {{ ref('segment_survival_summary') }}
),

failures as (
    select
        'segment_survival_summary: ' || segments.segment
        || ' is missing, or disagrees with segment_survival, user_segments or itself.' as message
    from segments
    left join summary on segments.segment = summary.segment
    left join curves on segments.segment = curves.segment
    left join members on segments.segment = members.segment
    where
        summary.segment is null
        or summary.n != coalesce(curves.n, 0)
        or summary.events != coalesce(curves.events, 0)
        or summary.baseline_events != coalesce(curves.baseline_events, 0)
        or summary.n > summary.members
        or (segments.segment != '__all__' and summary.members != coalesce(members.members, 0))
        or summary.median_days != curves.median_days
        or not coalesce(summary.median_days between summary.median_days_lower and summary.median_days_upper, true)
        or not coalesce(summary.mean between 0 and summary.horizon_days, true)
        or not coalesce(summary.mean between summary.mean_lower and summary.mean_upper, true)
        or not coalesce(abs(summary.difference - (summary.mean - summary.baseline_mean)) < 1e-9, true)
        or not coalesce(summary.difference between summary.difference_lower and summary.difference_upper, true)
        or (summary.chi_square is null or summary.quality = 'insufficient') != (summary.p_value is null)
        or not coalesce(summary.p_value between 0 and 1, true)
        -- p * tests / rank may be a rounding below p.
        or not coalesce(summary.q_value between summary.p_value - 1e-12 and 1, true)
        or (summary.is_circular and summary.q_value is not null)
)

select * from failures
