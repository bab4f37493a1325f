{{ config(
    materialized='by_date',
    reads=['activity', 'population'],
    upstream=['user_segments'],
    outcome_days='all'
) }}
{%- set cells = segmentation.retention_cells() %}
{%- set ranges = cells | rejectattr('last_day', 'none') | list %}
{%- set last_day = ranges | map(attribute='last_day') | max %}
{%- set unbounded = cells | selectattr('last_day', 'none') | list %}
{%- set columns = {} %}
{%- for cell in cells %}
{%- do columns.update({cell.name: {
    'retained': 'counts.' ~ cell.name,
    'squares': 'counts.' ~ cell.name ~ '__squares',
    'products': 'counts.' ~ cell.name ~ '__products',
}}) %}
{%- endfor %}

-- Active days meet the few cohorts that they can count for, once; a user of a cohort then has a flag for each range
-- of days. The date of a row is that of its cohort.
with
data_through as (
    select * from {{ ref('data_through') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

{{ segmentation.cohort_members() }},

-- Whoever is deleted is not back, whatever a device sends afterwards.
active_days as (
    select
        user_days.user_id,
        user_days.event_date
    from user_days
    inner join users on user_days.user_id = users.user_id
    where
        user_days.is_first_known
        and (users.deleted_at is null or user_days.event_date < cast(users.deleted_at as date))
),

calendar as (
    {{ segmentation.date_series(
        '(select min(cohort_date) from cohorts)', '(select data_through from data_through)'
    ) }}
),

cohort_days as (
    select
        cohorts.cohort_date,
        calendar.series_date as event_date,
        {{ segmentation.days_between('cohorts.cohort_date', 'calendar.series_date') }} as day_number
    from calendar
    inner join cohorts
        on
            calendar.series_date > cohorts.cohort_date
            and calendar.series_date <= {{ segmentation.days_before('cohorts.cohort_date', -last_day) }}
),

user_cohorts as (
    select
        active_days.user_id,
        {%- for cell in ranges %}
        max(case when cohort_days.day_number between {{ cell.first_day }} and {{ cell.last_day }} then 1 else 0 end)
            as {{ cell.name }},
        {%- endfor %}
        cohort_days.cohort_date
    from active_days
    inner join cohort_days on active_days.event_date = cohort_days.event_date
    group by active_days.user_id, cohort_days.cohort_date
),

last_days as (
    select
        user_id,
        max(event_date) as last_event_date
    from active_days
    group by user_id
),

-- One row for each account with several users, and one for all others together.
account_counts as (
    select
        members.segment,
        colleagues.shared_account,
        count(*) as n,
        {%- for cell in ranges %}
        count(case when user_cohorts.{{ cell.name }} = 1 then 1 end) as {{ cell.name }},
        {%- endfor %}
        {%- for cell in unbounded %}
        count(
            case
                when last_days.last_event_date >= {{ segmentation.days_before('members.cohort_date', -cell.first_day) }}
                    then 1
            end
        ) as {{ cell.name }},
        {%- endfor %}
        members.cohort_date
    from members
    left join colleagues
        on
            members.user_id = colleagues.user_id
            and members.cohort_date = colleagues.cohort_date
    left join user_cohorts
        on
            members.user_id = user_cohorts.user_id
            and members.cohort_date = user_cohorts.cohort_date
    left join last_days on members.user_id = last_days.user_id
    group by members.segment, colleagues.shared_account, members.cohort_date
),

counts as (
    select
        segment,
        cast(sum(n) as bigint) as n,
        cast(sum(case when shared_account is null then n else 1 end) as bigint) as accounts,
        cast(sum(case when shared_account is null then n else n * n end) as double) as squares,
        {%- for cell in cells %}
        cast(sum({{ cell.name }}) as bigint) as {{ cell.name }},
        cast(sum({{ cell.name }} * case when shared_account is null then 1 else {{ cell.name }} end) as double)
            as {{ cell.name }}__squares,
        cast(sum({{ cell.name }} * case when shared_account is null then 1 else n end) as double)
            as {{ cell.name }}__products,
        {%- endfor %}
        cohort_date
    from account_counts
    group by segment, cohort_date
),

cell_names as (
    {%- for cell in cells %}
    select
        '{{ cell.name }}' as cell,
        '{{ cell.kind }}' as kind,
        cast({{ cell.period }} as bigint) as period
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

counts_by_cell as (
    select
        counts.segment,
        cell_names.kind,
        cell_names.period,
        counts.n,
        counts.accounts,
        counts.squares,
        {{ segmentation.pick_column('cell_names.cell', columns, 'retained') }} as retained,
        {{ segmentation.pick_column('cell_names.cell', columns, 'squares') }} as retained_squares,
        {{ segmentation.pick_column('cell_names.cell', columns, 'products') }} as retained_products,
        counts.cohort_date as as_of_date
    from counts
    cross join cell_names
)

select * from counts_by_cell
