{%- set funnels = segmentation.funnels() %}
{%- set entry_days = segmentation.setting('funnel_entry_days') %}

with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select
        segment,
        retired_on
    from {{ ref('segments') }}
    union all
    select
        '__all__' as segment,
        cast(null as date) as retired_on
),

cohorts as (
    select as_of_date as cohort_date
    from {{ ref('as_of_dates') }}
    where is_period_end
),

funnel_counts as (
    select * from {{ ref('funnel_counts') }}
    where from_step = 0
),

steps as (
    {%- for funnel in funnels %}
    {%- for event in funnel.steps %}
    select
        '{{ funnel.name }}' as funnel,
        {{ segmentation.text_literal(event) }} as event_name,
        {{ loop.index }} as step,
        {{ entry_days + funnel.decided_after_days }} as mature_after_days
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

-- Every segment has all its steps, also where nobody is in the cohort; what can still change is not known, and not 0.
filled as (
    select
        segments.segment,
        cohort_steps.funnel,
        cohort_steps.event_name,
        cohort_steps.step,
        coalesce(funnel_counts.n, 0) as n,
        coalesce(funnel_counts.accounts, 0) as accounts,
        funnel_counts.squares,
        case when cohort_steps.is_mature then coalesce(funnel_counts.users, 0) end as users,
        funnel_counts.user_squares,
        funnel_counts.user_products,
        case when cohort_steps.is_mature then funnel_counts.median_days end as median_days,
        cohort_steps.is_mature,
        cohort_steps.cohort_date,
        cohort_steps.data_through
    from cohort_steps
    cross join segments
    left join funnel_counts
        on
            segments.segment = funnel_counts.segment
            and cohort_steps.funnel = funnel_counts.funnel
            and cohort_steps.step = funnel_counts.step
            and cohort_steps.cohort_date = funnel_counts.as_of_date
    where segments.retired_on is null or segments.retired_on >= cohort_steps.cohort_date
),

compared as (
    select
        *,
        {{ segmentation.share_design_effect('users', 'n', 'user_squares', 'user_products', 'squares') }}
            as design_effect,
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
