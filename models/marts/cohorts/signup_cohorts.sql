{%- set days_of = {'week': 7, 'month': 30, 'quarter': 91} %}
{%- set periods = segmentation.setting('retention_periods') %}

-- Cohorts as people mean them: who signed up in the same week or month, followed from each user's own day of signup on.
-- All of them, and those who were in a segment on the first date after their signup: nothing later chooses them.
with
data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

users as (
    select
        user_id,
        {{ segmentation.day_of('signed_up_at') }} as signup_date,
        {{ segmentation.day_of('deleted_at') }} as deletion_date
    from {{ ref('stg_users') }}
),

user_days as (
    select * from {{ ref('user_days') }}
    where is_first_known
),

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
),

first_dates as (
    select min(as_of_date) as first_date
    from as_of_dates
),

-- Earlier cohorts began before the dates that are kept.
cohort_users as (
    {%- for unit in segmentation.setting('cohort_by') %}
    {%- set start = segmentation.week_start('users.signup_date') if unit == 'week'
        else 'cast(' ~ dbt.date_trunc(unit, 'users.signup_date') ~ ' as date)' %}
    select
        users.user_id,
        '{{ unit }}' as cohort_unit,
        cast({{ days_of[unit] }} as bigint) as period_days,
        users.signup_date,
        users.deletion_date,
        {{ start }} as cohort_start
    from users
    cross join data_through
    cross join first_dates
    where
        users.signup_date <= data_through.data_through
        and {{ start }} >= first_dates.first_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

first_user_dates as (
    select
        user_id,
        min(as_of_date) as as_of_date
    from user_dates
    group by user_id
),

cohort_members as (
    select
        '__all__' as segment,
        cohort_users.*
    from cohort_users
    union all
    select
        user_segments.segment,
        cohort_users.*
    from cohort_users
    inner join first_user_dates on cohort_users.user_id = first_user_dates.user_id
    inner join user_segments
        on
            first_user_dates.user_id = user_segments.user_id
            and first_user_dates.as_of_date = user_segments.as_of_date
),

-- Whoever is deleted is not back, whatever a device sends afterwards.
active_periods as (
    select
        cohort_users.user_id,
        cohort_users.cohort_unit,
        cohort_users.cohort_start,
        cast(floor(
            {{ segmentation.days_between('cohort_users.signup_date', 'user_days.event_date') }}
            / cast(cohort_users.period_days as double)
        ) as bigint) as period
    from cohort_users
    inner join user_days
        on
            cohort_users.user_id = user_days.user_id
            and cohort_users.signup_date <= user_days.event_date
            and (cohort_users.deletion_date is null or cohort_users.deletion_date > user_days.event_date)
    cross join data_through
    where user_days.event_date <= data_through.data_through
    group by
        cohort_users.user_id,
        cohort_users.cohort_unit,
        cohort_users.cohort_start,
        floor(
            {{ segmentation.days_between('cohort_users.signup_date', 'user_days.event_date') }}
            / cast(cohort_users.period_days as double)
        )
),

returns as (
    select
        cohort_members.segment,
        cohort_members.cohort_unit,
        cohort_members.cohort_start,
        active_periods.period,
        cast(count(*) as bigint) as retained
    from cohort_members
    inner join active_periods
        on
            cohort_members.user_id = active_periods.user_id
            and cohort_members.cohort_unit = active_periods.cohort_unit
    group by
        cohort_members.segment, cohort_members.cohort_unit, cohort_members.cohort_start, active_periods.period
),

sizes as (
    select
        cohort_members.segment,
        cohort_members.cohort_unit,
        cohort_members.cohort_start,
        cohort_members.period_days,
        cast(count(*) as bigint) as n,
        cast(count(user_features.is_activated) as bigint) as activation_known,
        cast(sum(case when user_features.is_activated then 1 else 0 end) as bigint) as activated,
        sum(user_features.lifetime_revenue) / nullif(count(user_features.user_id), 0) as lifetime_revenue_per_user
    from cohort_members
    left join user_features on cohort_members.user_id = user_features.user_id
    group by
        cohort_members.segment, cohort_members.cohort_unit, cohort_members.cohort_start, cohort_members.period_days
),

numbers as (
    {%- for number in range(periods + 1) %}
    select cast({{ number }} as bigint) as period
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The last day that anybody of the cohort can have signed up on.
cells as (
    select
        sizes.*,
        numbers.period,
        {{ segmentation.days_before(
            "case sizes.cohort_unit when 'month' then "
            ~ segmentation.days_before('cast(' ~ dbt.dateadd('month', 1, 'sizes.cohort_start') ~ ' as date)', 1)
            ~ " when 'quarter' then "
            ~ segmentation.days_before('cast(' ~ dbt.dateadd('month', 3, 'sizes.cohort_start') ~ ' as date)', 1)
            ~ ' else ' ~ segmentation.days_before('sizes.cohort_start', -6) ~ ' end',
            '-((numbers.period + 1) * sizes.period_days - 1)'
        ) }} <= {{ segmentation.closed_through('data_through') }} as is_mature,
        data_through.data_through
    from sizes
    cross join numbers
    cross join data_through
),

signup_cohorts as (
    select
        cells.segment,
        cells.cohort_unit,
        cells.period,
        cells.n,
        case when cells.is_mature then coalesce(returns.retained, 0) end as retained,
        case when cells.is_mature then coalesce(returns.retained, 0) / cast(cells.n as double) end as share,
        cells.activation_known,
        cells.activated,
        cells.activated / cast(nullif(cells.activation_known, 0) as double) as activation_rate,
        {%- if segmentation.is_known(['invoices']) %}
        cells.lifetime_revenue_per_user,
        {%- else %}
        cast(null as double) as lifetime_revenue_per_user,
        {%- endif %}
        cells.is_mature,
        cells.cohort_start,
        cells.data_through as as_of_date,
        cells.data_through
    from cells
    left join returns
        on
            cells.segment = returns.segment
            and cells.cohort_unit = returns.cohort_unit
            and cells.cohort_start = returns.cohort_start
            and cells.period = returns.period
)

select * from signup_cohorts
