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

bounds as (
    select
        min(cohort_date) as first_cohort,
        max({{ segmentation.days_before('cohort_date', -(entry_days + longest)) }}) as last_day
    from cohorts
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

-- One row per moment of a user: "strictly later" is "a later row". With same_second_steps_follow a moment is a second.
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
    where users.deleted_at is null or user_events.event_date < {{ segmentation.day_of('users.deleted_at') }}
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

step_numbers as ({{ segmentation._step_numbers(funnels) }}),

reached as (
    {%- for funnel in funnels %}
    {%- set step_at = segmentation._step_time('step_numbers.step', funnel) %}
    {%- set place = funnel.name ~ '_users' %}
    select
        {{ place }}.user_id,
        '{{ funnel.name }}' as funnel,
        step_numbers.step,
        {{ segmentation.microseconds_between('step_1_at', step_at) }} / 8.64e10 as days_from_start,
        {{ place }}.cohort_date
    from {{ place }}
    cross join step_numbers
    where {{ step_at }} is not null
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as user_id,
        cast(null as {{ dbt.type_string() }}) as funnel,
        0 as step,
        0e0 as days_from_start,
        cast(null as date) as cohort_date
    where false
),

conversions as (
    {{ segmentation._conversion_rows() }}
),

medians as (
    select
        members.segment,
        reached.funnel,
        reached.step,
        cast(percentile_cont(5e-1) within group (order by reached.days_from_start) as double) as median_days,
        members.cohort_date
    from members
    inner join reached
        on
            members.user_id = reached.user_id
            and members.cohort_date = reached.cohort_date
    group by members.segment, reached.funnel, reached.step, members.cohort_date
),

-- To step 0, of no funnel, came all members.
arrivals as (
    select
        segment,
        '' as funnel,
        0 as step,
        user_id,
        cohort_date
    from members
    union all
    select
        members.segment,
        reached.funnel,
        reached.step,
        members.user_id,
        members.cohort_date
    from members
    inner join reached
        on
            members.user_id = reached.user_id
            and members.cohort_date = reached.cohort_date
),

-- How many of each account with several users, and of all others together, came to a step.
account_steps as (
    select
        arrivals.segment,
        arrivals.funnel,
        arrivals.step,
        coalesce(colleagues.shared_account, '') as account_key,
        count(*) as users,
        arrivals.cohort_date
    from arrivals
    left join colleagues
        on
            arrivals.user_id = colleagues.user_id
            and arrivals.cohort_date = colleagues.cohort_date
    group by arrivals.segment, arrivals.funnel, arrivals.step, colleagues.shared_account, arrivals.cohort_date
),

everybody as (
    select * from account_steps
    where segment = '__all__'
),

-- Users without colleagues are accounts of their own, on both sides of a product.
starts as (
    select
        account_steps.segment,
        account_steps.funnel,
        account_steps.step,
        cast(sum(account_steps.users) as bigint) as n,
        cast(sum(case when account_steps.account_key = '' then account_steps.users else 1 end) as bigint) as accounts,
        cast(sum(case
            when account_steps.account_key = '' then account_steps.users
            when account_steps.users = everybody.users then 1
            else 0
        end) as bigint) as whole_accounts,
        cast(sum(
            account_steps.users * case when account_steps.account_key = '' then 1 else account_steps.users end
        ) as double) as squares,
        cast(sum(
            account_steps.users * case when account_steps.account_key = '' then 1 else everybody.users end
        ) as double) as products_with_all,
        account_steps.cohort_date
    from account_steps
    inner join everybody
        on
            account_steps.funnel = everybody.funnel
            and account_steps.step = everybody.step
            and account_steps.account_key = everybody.account_key
            and account_steps.cohort_date = everybody.cohort_date
    group by account_steps.segment, account_steps.funnel, account_steps.step, account_steps.cohort_date
),

ends as (
    select
        members.segment,
        conversions.funnel,
        conversions.from_step,
        conversions.step,
        everybody.account_key = '' as is_alone,
        members.users as members,
        all_starts.users as all_members,
        coalesce(took.users, 0) as users,
        everybody.users as all_users,
        everybody.cohort_date
    from conversions
    inner join everybody
        on
            conversions.funnel = everybody.funnel
            and conversions.step = everybody.step
    inner join everybody as all_starts
        on
            conversions.from_funnel = all_starts.funnel
            and conversions.from_step = all_starts.step
            and everybody.account_key = all_starts.account_key
            and everybody.cohort_date = all_starts.cohort_date
    inner join account_steps as members
        on
            conversions.from_funnel = members.funnel
            and conversions.from_step = members.step
            and everybody.account_key = members.account_key
            and everybody.cohort_date = members.cohort_date
    left join account_steps as took
        on
            members.segment = took.segment
            and everybody.funnel = took.funnel
            and everybody.step = took.step
            and everybody.account_key = took.account_key
            and everybody.cohort_date = took.cohort_date
),

end_sums as (
    select
        segment,
        funnel,
        from_step,
        step,
        cast(sum(users) as bigint) as users,
        {%- for name, other in {
            'user_squares': 'users', 'user_products': 'members', 'users_by_all': 'all_members',
            'users_by_all_users': 'all_users',
        }.items() %}
        cast(sum(users * case when is_alone then 1 else {{ other }} end) as double) as {{ name }},
        {%- endfor %}
        cast(sum(case when is_alone then users else members * all_users end) as double) as all_users_by_members,
        cohort_date
    from ends
    group by segment, funnel, from_step, step, cohort_date
),

funnel_counts as (
    select
        starts.segment,
        conversions.funnel,
        cast(conversions.step as bigint) as step,
        cast(conversions.from_step as bigint) as from_step,
        starts.n,
        starts.accounts,
        starts.whole_accounts,
        starts.squares,
        starts.products_with_all,
        coalesce(end_sums.users, 0) as users,
        {%- for name in [
            'user_squares', 'user_products', 'users_by_all', 'users_by_all_users', 'all_users_by_members'
        ] %}
        coalesce(end_sums.{{ name }}, 0e0) as {{ name }},
        {%- endfor %}
        medians.median_days,
        starts.cohort_date as as_of_date
    from starts
    inner join conversions
        on
            starts.funnel = conversions.from_funnel
            and starts.step = conversions.from_step
    left join end_sums
        on
            starts.segment = end_sums.segment
            and starts.cohort_date = end_sums.cohort_date
            and conversions.funnel = end_sums.funnel
            and conversions.from_step = end_sums.from_step
            and conversions.step = end_sums.step
    left join medians
        on
            starts.segment = medians.segment
            and starts.cohort_date = medians.cohort_date
            and conversions.funnel = medians.funnel
            and conversions.step = medians.step
)

select * from funnel_counts
