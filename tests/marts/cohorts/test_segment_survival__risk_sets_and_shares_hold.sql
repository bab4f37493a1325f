-- Day by day, who is at risk is who was and neither left nor had the event, with who entered; survival falls by the
-- share of events among those at risk, and by nothing else; members and rest together are all users; nobody is missing.
with
segment_survival as (
    select * from {{ ref('segment_survival') }}
),

steps as (
    select
        *,
        coalesce(lag(at_risk + entered - events - censored) over (
            partition by segment, group_name order by day_number
        ), 0) as expected_at_risk,
        coalesce(lag(survival) over (partition by segment, group_name order by day_number), 1e0)
        * (1e0 - coalesce(events / cast(nullif(at_risk, 0) as double), 0e0)) as expected_survival
    from segment_survival
),

both_groups as (
    select
        segments.segment,
        everybody.day_number,
        everybody.at_risk - coalesce(sum(segment_survival.at_risk), 0) as at_risk_missing,
        everybody.events - coalesce(sum(segment_survival.events), 0) as events_missing
    from {{ ref('segments') }} as segments
    cross join segment_survival as everybody
    left join segment_survival
        on
            segments.segment = segment_survival.segment
            and everybody.day_number = segment_survival.day_number
    where
        everybody.segment = '__all__'
        and (segments.retired_on is null or segments.retired_on >= segments.data_through)
    group by segments.segment, everybody.day_number, everybody.at_risk, everybody.events
),

-- Seen on two dates, the first of them before a first pause can be over: such a user is at risk from then on.
certain_users as (
    select user_id
    from {{ ref('user_dates') }}
    group by user_id
    having count(*) > 1 and min(tenure_days) < {{ segmentation.setting('survival_gap_days') }}
),

certain_count as (
    select count(*) as users from certain_users
),

everybody_count as (
    select coalesce(sum(entered), 0) as users
    from segment_survival
    where segment = '__all__'
),

failures as (
    select
        'segment_survival: ' || cast(everybody_count.users as {{ dbt.type_string() }})
        || ' users entered __all__; user_dates has at least ' || cast(certain_count.users as {{ dbt.type_string() }})
        || ' who must have.' as message
    from everybody_count
    cross join certain_count
    where everybody_count.users < certain_count.users
    union all
    select
        'segment_survival: ' || segment || ', ' || group_name || ', day ' || cast(day_number as {{ dbt.type_string() }})
        || ': ' || cast(at_risk as {{ dbt.type_string() }}) || ' at risk and survival '
        || cast(survival as {{ dbt.type_string() }}) || ' do not follow from the day before ('
        || cast(expected_at_risk as {{ dbt.type_string() }}) || ' and '
        || cast(expected_survival as {{ dbt.type_string() }}) || '), or the bounds lie on the wrong side.' as message
    from steps
    where
        at_risk != expected_at_risk
        or least(at_risk, entered, events, censored) < 0
        or events + censored > at_risk
        or abs(survival - expected_survival) > 1e-9
        or not coalesce(survival between survival_lower and survival_upper, survival in (0e0, 1e0))
    union all
    select
        'segment_survival: ' || segment || ' on day ' || cast(day_number as {{ dbt.type_string() }})
        || ': members and rest together miss ' || cast(at_risk_missing as {{ dbt.type_string() }})
        || ' of the users at risk and ' || cast(events_missing as {{ dbt.type_string() }}) || ' events.' as message
    from both_groups
    where at_risk_missing != 0 or events_missing != 0
)

select * from failures
