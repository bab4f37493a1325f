-- Time is days since signup; a user is at risk from the day after the first membership on. The rest is everybody less
-- the segment, day by day: so a user's days before the first membership belong to the rest, and overlapping segments
-- cost nothing extra.
with
segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

first_memberships as (
    select
        user_id,
        segment,
        entered_on
    from {{ ref('segment_memberships') }}
    where entry_number = 1
),

lives as (
    select * from {{ ref('survival_lives') }}
),

member_lives as (
    select
        first_memberships.segment,
        {{ segmentation.days_between('lives.signup_date', 'first_memberships.entered_on') }} as entry_day,
        lives.first_day,
        lives.exit_day,
        lives.has_gap
    from first_memberships
    inner join lives on first_memberships.user_id = lives.user_id
),

-- Who had the gap, or was out of sight, before the first membership is never at risk as a member.
member_changes as (
    select
        segment,
        entry_day as day_number,
        1 as entered,
        -- Who was never at risk in the rest before.
        case when entry_day = first_day then 1 else 0 end as entered_at_first,
        0 as events,
        0 as censored
    from member_lives
    where entry_day < exit_day
    union all
    select
        segment,
        exit_day as day_number,
        0 as entered,
        0 as entered_at_first,
        has_gap as events,
        1 - has_gap as censored
    from member_lives
    where entry_day < exit_day
),

everybody_changes as (
    select
        first_day as day_number,
        1 as entered,
        0 as events,
        0 as censored
    from lives
    where first_day < exit_day
    union all
    select
        exit_day as day_number,
        0 as entered,
        has_gap as events,
        1 - has_gap as censored
    from lives
    where first_day < exit_day
),

member_totals as (
    select
        segment,
        day_number,
        sum(entered) as entered,
        sum(entered_at_first) as entered_at_first,
        sum(events) as events,
        sum(censored) as censored
    from member_changes
    group by segment, day_number
),

everybody_totals as (
    select
        day_number,
        sum(entered) as entered,
        sum(events) as events,
        sum(censored) as censored
    from everybody_changes
    group by day_number
),

group_changes as (
    select
        '__all__' as segment,
        'segment' as group_name,
        day_number,
        entered,
        events,
        censored
    from everybody_totals
    union all
    select
        segment,
        'segment' as group_name,
        day_number,
        entered,
        events,
        censored
    from member_totals
    union all
    -- Both sides on all days, so that they can be compared day by day.
    select
        segments.segment,
        'segment' as group_name,
        everybody_totals.day_number,
        0 as entered,
        0 as events,
        0 as censored
    from everybody_totals
    cross join segments
    union all
    select
        segments.segment,
        'rest' as group_name,
        everybody_totals.day_number,
        everybody_totals.entered,
        everybody_totals.events,
        everybody_totals.censored
    from everybody_totals
    cross join segments
    union all
    -- Whoever is a member from the first date on was never in the rest; who becomes one later leaves it then.
    select
        segment,
        'rest' as group_name,
        day_number,
        -entered_at_first as entered,
        -events as events,
        entered - entered_at_first - censored as censored
    from member_totals
),

daily as (
    select
        segment,
        group_name,
        day_number,
        cast(sum(entered) as bigint) as entered,
        cast(sum(events) as bigint) as events,
        cast(sum(censored) as bigint) as censored
    from group_changes
    group by segment, group_name, day_number
),

-- At risk on a day is who entered before it and did not leave before it.
at_risk_days as (
    select
        *,
        cast(coalesce(sum(entered - events - censored) over (
            partition by segment, group_name
            order by day_number
            rows between unbounded preceding and 1 preceding
        ), 0) as bigint) as at_risk
    from daily
),

-- Not before the first entry, nor after the last exit.
watched_days as (
    select * from at_risk_days
    where at_risk > 0 or entered > 0
),

factors as (
    select
        *,
        case when events > 0 and events = at_risk then 1 else 0 end as is_last,
        case when events < at_risk then ln(1e0 - events / cast(at_risk as double)) else 0e0 end as log_factor,
        case when events > 0 and events < at_risk then 1e0 / (at_risk - events) else 0e0 end as pause_part
    from watched_days
),

accumulated as (
    select
        *,
        max(is_last) over (
            partition by segment, group_name order by day_number rows between unbounded preceding and current row
        ) = 1 as is_over,
        sum(log_factor) over (
            partition by segment, group_name order by day_number rows between unbounded preceding and current row
        ) as log_sum,
        sum(pause_part * events / nullif(cast(at_risk as double), 0e0)) over (
            partition by segment, group_name order by day_number rows between unbounded preceding and current row
        ) as expected_part
    from factors
),

-- Once nobody is left, the share stays 0, and nothing can be said about its spread.
curves as (
    select
        segment,
        group_name,
        day_number,
        at_risk,
        entered,
        events,
        censored,
        case when not is_over then log_sum end as log_survival,
        pause_part,
        coalesce(expected_part, 0e0) as expected_part
    from accumulated
)

select * from curves
