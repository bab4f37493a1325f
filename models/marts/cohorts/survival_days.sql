{%- set horizon = segmentation.setting('survival_horizon_days') %}

-- A user at risk from one day to another, who then has the gap or not, moves the log-rank statistic and the mean: by
-- the score of the last day if it has the gap, less what the days were expected to add, which is the difference of two
-- running sums.
with
segment_survival as (
    select * from {{ ref('segment_survival') }}
),

-- Between two days of the curve the share stays what it was.
steps as (
    select
        *,
        least(day_number, {{ horizon }}) as step_start,
        least(
            coalesce(lead(day_number) over (partition by segment, group_name order by day_number), {{ horizon }}),
            {{ horizon }}
        ) as step_end,
        row_number() over (partition by segment, group_name order by day_number) as place
    from segment_survival
),

areas as (
    select
        *,
        survival * (step_end - step_start) as area,
        -- From the day on; past the horizon nothing.
        coalesce(sum(survival * (step_end - step_start)) over (
            partition by segment, group_name
            order by day_number
            rows between current row and unbounded following
        ), 0e0) as area_left
    from steps
),

-- The log-rank test compares the sides on days when both have somebody at risk, from the first one on when both have 5:
-- entry is delayed, and what happens while one member is watched says more about that member than about the segment.
paired as (
    select
        areas.*,
        other_side.at_risk > 0
        and areas.at_risk > 0
        and max(least(areas.at_risk, coalesce(other_side.at_risk, 0))) over (
            partition by areas.segment, areas.group_name
            order by areas.day_number
            rows between unbounded preceding and current row
        ) >= 5 as is_paired,
        cast(areas.at_risk + other_side.at_risk as double) as both_at_risk,
        cast(areas.events + other_side.events as double) as both_events
    from areas
    left join segment_survival as other_side
        on
            areas.segment = other_side.segment
            and areas.group_name != other_side.group_name
            and areas.day_number = other_side.day_number
),

scores as (
    select
        *,
        -- A member with the gap is one more than the members' share of those at risk; one of the rest is that less.
        case
            when is_paired and group_name = 'segment' then 1e0 - at_risk / both_at_risk
            when is_paired then at_risk / both_at_risk - 1e0
            else 0e0
        end as score,
        case when is_paired then both_events / both_at_risk else 0e0 end as hazard,
        -- A gap takes from the mean what is left of the area. Where all have it nothing is left.
        case when events > 0 and events < at_risk then -area_left / (at_risk - events) else 0e0 end as mean_score
    from paired
),

days as (
    select
        segment,
        group_name,
        cast(day_number as bigint) as day_number,
        cast(place as bigint) as place,
        at_risk,
        entered,
        events,
        cast(step_start as bigint) as step_start,
        area,
        area_left,
        survival,
        survival_lower,
        survival_upper,
        coalesce(is_paired, false) as is_paired,
        coalesce(both_at_risk, at_risk) as both_at_risk,
        coalesce(both_events, events) as both_events,
        score,
        sum(score * hazard) over (
            partition by segment, group_name order by day_number rows between unbounded preceding and current row
        ) as expected_score,
        mean_score,
        sum(case when events > 0 then mean_score * events / cast(at_risk as double) else 0e0 end) over (
            partition by segment, group_name order by day_number rows between unbounded preceding and current row
        ) as expected_mean_score
    from scores
)

select * from days
