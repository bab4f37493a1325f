{{ config(
    materialized='by_date',
    reads=['activity', 'population'],
    upstream=['user_segments'],
    outcome_days='all'
) }}
{%- set funnels = segmentation.funnels() %}
{%- set events = funnels | map(attribute='steps') | sum(start=[]) | unique | sort %}
{%- set entry_days = segmentation.setting('funnel_entry_days') %}
{%- set longest = funnels | map(attribute='within_days') | max if funnels else 0 %}
{%- set moment = segmentation._step_moment('user_events.occurred_at') %}

-- What follows a first step does not depend on the cohort. So each possible first step is followed once, from the last
-- step backwards: of later rows the least time at which the rest can be done is that of the earliest next step. Then
-- each user of a cohort takes the first of them after the cohort's date, which is that of a row here.
with
data_through as (
    select * from {{ ref('data_through') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

user_events as (
    select * from {{ ref('user_events') }}
    where event_name in ({{ segmentation.text_literals(events) }})
),

{{ segmentation.cohort_members() }},

-- The days on which somebody of these cohorts can take a step.
bounds as (
    select
        min(cohort_date) as first_cohort,
        max({{ segmentation.days_before('cohort_date', -(entry_days + longest)) }}) as last_day
    from cohorts
),

account_members as (
    select
        members.segment,
        colleagues.shared_account,
        count(*) as n,
        members.cohort_date
    from members
    left join colleagues
        on
            members.user_id = colleagues.user_id
            and members.cohort_date = colleagues.cohort_date
    group by members.segment, colleagues.shared_account, members.cohort_date
),

member_counts as (
    select
        segment,
        cast(sum(n) as bigint) as n,
        cast(sum(case when shared_account is null then n else 1 end) as bigint) as accounts,
        cast(sum(case when shared_account is null then n else n * n end) as double) as squares,
        cohort_date
    from account_members
    group by segment, cohort_date
),

calendar as (
    {{ segmentation.date_series(
        '(select min(cohort_date) from cohorts)', '(select data_through from data_through)'
    ) }}
),

cohort_days as (
    select
        cohorts.cohort_date,
        calendar.series_date as start_date
    from calendar
    inner join cohorts
        on
            calendar.series_date > cohorts.cohort_date
            and calendar.series_date <= {{ segmentation.days_before('cohorts.cohort_date', -entry_days) }}
),

-- One row per moment of a user, so that "strictly later" is "a later row". With same_second_steps_follow a moment is a
-- second, and a step may lie in the row of the one before.
moments as (
    select
        user_events.user_id,
        {%- for event in events %}
        max(case when user_events.event_name = {{ segmentation.text_literal(event) }} then {{ moment }} end)
            as event_{{ loop.index }}_at,
        {%- endfor %}
        user_events.event_date,
        {{ moment }} as occurred_at
    from user_events
    inner join users on user_events.user_id = users.user_id
    inner join bounds
        on
            user_events.event_date > bounds.first_cohort
            and user_events.event_date <= bounds.last_day
    where users.deleted_at is null or user_events.event_date < cast(users.deleted_at as date)
    group by user_events.user_id, user_events.event_date, {{ moment }}
),
{%- for funnel in funnels %}
{%- set steps = funnel.steps | length %}

{%- for step in range(steps - 1, 0, -1) %}
{%- set is_simultaneous = segmentation._may_be_simultaneous([funnel.steps[step]], funnel.steps[:step]) %}

{{ funnel.name }}_from_{{ step }} as (
    select
        {%- for later in range(step + 1, steps + 1) %}
        case
            when event_{{ events.index(funnel.steps[step - 1]) + 1 }}_at is not null
                then
                    min(
                        {%- if later == step + 1 -%}
                        event_{{ events.index(funnel.steps[step]) + 1 }}_at
                        {%- else -%}
                        from_{{ step + 1 }}_to_{{ later }}_at
                        {%- endif -%}
                    ) over (
                        partition by user_id
                        order by occurred_at
                        rows between {{ 'current row' if is_simultaneous else '1 following' }} and unbounded following
                    )
        end as from_{{ step }}_to_{{ later }}_at,
        {%- endfor %}
        *
    from {{ 'moments' if loop.first else funnel.name ~ '_from_' ~ (step + 1) }}
),
{%- endfor %}

{{ funnel.name }}_starts as (
    select
        user_id,
        {%- for step in range(2, steps + 1) %}
        case
            when {{ segmentation.microseconds_between('occurred_at', 'from_1_to_' ~ step ~ '_at') }}
                <= {{ funnel.within_days * 86400000000 }}
                then from_1_to_{{ step }}_at
        end as step_{{ step }}_at,
        {%- endfor %}
        occurred_at as step_1_at,
        event_date as start_date,
        lag(event_date) over (partition by user_id order by occurred_at) as previous_start_date
    from {{ funnel.name }}_from_1
    where event_{{ events.index(funnel.steps[0]) + 1 }}_at is not null
),

{{ funnel.name }}_users as (
    select
        {{ funnel.name }}_starts.*,
        cohort_days.cohort_date
    from {{ funnel.name }}_starts
    inner join cohort_days on {{ funnel.name }}_starts.start_date = cohort_days.start_date
    where
        {{ funnel.name }}_starts.previous_start_date is null
        or {{ funnel.name }}_starts.previous_start_date <= cohort_days.cohort_date
),
{%- endfor %}

reached as (
    {%- for funnel in funnels %}
    {%- for event in funnel.steps %}
    select
        user_id,
        '{{ funnel.name }}' as funnel,
        {{ loop.index }} as step,
        {{ segmentation.microseconds_between('step_1_at', 'step_' ~ loop.index ~ '_at') }} / 8.64e10 as days_from_start,
        cohort_date
    from {{ funnel.name }}_users
    where step_{{ loop.index }}_at is not null
    union all
    {%- endfor %}
    {%- endfor %}
    -- No row, but columns, also where there is no funnel.
    select
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as funnel,
        0 as step,
        0e0 as days_from_start,
        cast(null as date) as cohort_date
    where false
),

steps as (
    {%- for funnel in funnels %}
    {%- for event in funnel.steps %}
    select
        '{{ funnel.name }}' as funnel,
        {{ loop.index }} as step
    union all
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as funnel,
        0 as step
    where false
),

counts as (
    select
        members.segment,
        reached.funnel,
        reached.step,
        cast(count(*) as bigint) as users,
        cast(percentile_cont(5e-1) within group (order by reached.days_from_start) as double) as median_days,
        members.cohort_date
    from members
    inner join reached
        on
            members.user_id = reached.user_id
            and members.cohort_date = reached.cohort_date
    group by members.segment, reached.funnel, reached.step, members.cohort_date
),

-- What accounts with several users add to the squares of those who came to a step; others add 1 each.
account_steps as (
    select
        members.segment,
        reached.funnel,
        reached.step,
        colleagues.shared_account,
        count(*) as users,
        members.cohort_date
    from members
    inner join colleagues
        on
            members.user_id = colleagues.user_id
            and members.cohort_date = colleagues.cohort_date
    inner join reached
        on
            members.user_id = reached.user_id
            and members.cohort_date = reached.cohort_date
    group by members.segment, reached.funnel, reached.step, colleagues.shared_account, members.cohort_date
),

account_sums as (
    select
        account_steps.segment,
        account_steps.funnel,
        account_steps.step,
        cast(sum(account_steps.users * (account_steps.users - 1)) as double) as further_squares,
        cast(sum(account_steps.users * (account_members.n - 1)) as double) as further_products,
        account_steps.cohort_date
    from account_steps
    inner join account_members
        on
            account_steps.segment = account_members.segment
            and account_steps.shared_account = account_members.shared_account
            and account_steps.cohort_date = account_members.cohort_date
    group by account_steps.segment, account_steps.funnel, account_steps.step, account_steps.cohort_date
),

-- All steps of the segments that have members, also where nobody came to them.
funnel_counts as (
    select
        member_counts.segment,
        steps.funnel,
        cast(steps.step as bigint) as step,
        member_counts.n,
        member_counts.accounts,
        member_counts.squares,
        coalesce(counts.users, 0) as users,
        coalesce(account_sums.further_squares, 0e0) as further_squares,
        coalesce(account_sums.further_products, 0e0) as further_products,
        counts.median_days,
        member_counts.cohort_date as as_of_date
    from member_counts
    cross join steps
    left join counts
        on
            member_counts.segment = counts.segment
            and member_counts.cohort_date = counts.cohort_date
            and steps.funnel = counts.funnel
            and steps.step = counts.step
    left join account_sums
        on
            member_counts.segment = account_sums.segment
            and member_counts.cohort_date = account_sums.cohort_date
            and steps.funnel = account_sums.funnel
            and steps.step = account_sums.step
)

select * from funnel_counts
