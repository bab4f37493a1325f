{%- set funnels = segmentation.funnels() %}
{%- set events = funnels | map(attribute='steps') | sum(start=[]) | unique | sort %}
{%- set entry_days = segmentation.setting('funnel_entry_days') %}
{%- set moment = segmentation._step_moment('user_events.occurred_at') %}

-- What follows a first step does not depend on the cohort. So each possible first step is followed once, from the last
-- step backwards: of later rows the least time at which the rest can be done is that of the earliest next step. Then
-- each user of a cohort takes the first of them after the cohort's date.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    union all
    select '__all__' as segment
),

users as (
    select * from {{ ref('stg_users') }}
),

user_events as (
    select * from {{ ref('user_events') }}
    where event_name in ({{ segmentation.text_literals(events) }})
),

{{ segmentation.cohort_members() }},

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
        {{ segmentation.text_literal(event) }} as event_name,
        {{ loop.index }} as step,
        {{ entry_days + funnel.within_days }} as mature_after_days
    union all
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as funnel,
        cast(null as {{ dbt.type_string() }}) as event_name,
        0 as step,
        0 as mature_after_days
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

cohort_steps as (
    select
        steps.funnel,
        steps.event_name,
        cast(steps.step as bigint) as step,
        {{ segmentation.days_before('cohorts.cohort_date', '-steps.mature_after_days') }}
        <= {{ segmentation.closed_through('data_through') }} as is_mature,
        cohorts.cohort_date,
        data_through.data_through
    from cohorts
    cross join steps
    cross join data_through
),

-- Every segment has all its steps, also where nobody came to them; what can still change is not known, and not 0.
filled as (
    select
        segments.segment,
        cohort_steps.funnel,
        cohort_steps.event_name,
        cohort_steps.step,
        coalesce(member_counts.n, 0) as n,
        coalesce(member_counts.accounts, 0) as accounts,
        member_counts.squares,
        case when cohort_steps.is_mature then coalesce(counts.users, 0) end as users,
        coalesce(account_sums.further_squares, 0e0) as further_squares,
        coalesce(account_sums.further_products, 0e0) as further_products,
        case when cohort_steps.is_mature then counts.median_days end as median_days,
        cohort_steps.is_mature,
        cohort_steps.cohort_date,
        cohort_steps.data_through
    from cohort_steps
    cross join segments
    left join member_counts
        on
            segments.segment = member_counts.segment
            and cohort_steps.cohort_date = member_counts.cohort_date
    left join counts
        on
            segments.segment = counts.segment
            and cohort_steps.funnel = counts.funnel
            and cohort_steps.step = counts.step
            and cohort_steps.cohort_date = counts.cohort_date
    left join account_sums
        on
            segments.segment = account_sums.segment
            and cohort_steps.funnel = account_sums.funnel
            and cohort_steps.step = account_sums.step
            and cohort_steps.cohort_date = account_sums.cohort_date
),

compared as (
    select
        *,
        {{ segmentation.share_design_effect(
            'users', 'n', 'users + further_squares', 'users + further_products', 'squares'
        ) }} as design_effect,
        case
            when step = 1 then n
            else lag(users) over (partition by segment, funnel, cohort_date order by step)
        end as previous_users
    from filled
),

funnels as (
    select
        segment,
        funnel,
        event_name,
        case
            when not is_mature then cast(null as {{ dbt.type_string() }})
            when n < 2 then 'insufficient'
            when users < 5 or n - users < 5 then 'low_counts'
            when n < 30 or accounts < {{ segmentation.setting('min_test_accounts') }} then 'small_n'
            else 'ok'
        end as quality,
        step,
        n,
        accounts,
        users,
        users / cast(nullif(n, 0) as double) as share,
        {{ segmentation.wilson_bound('users / design_effect', 'n / design_effect', 'lower') }} as share_lower,
        {{ segmentation.wilson_bound('users / design_effect', 'n / design_effect', 'upper') }} as share_upper,
        users / cast(nullif(previous_users, 0) as double) as share_of_previous,
        median_days,
        design_effect,
        is_mature,
        cohort_date,
        data_through as as_of_date,
        data_through
    from compared
)

select * from funnels
