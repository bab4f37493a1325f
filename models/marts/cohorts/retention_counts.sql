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
    'by_all': 'counts.' ~ cell.name ~ '__by_all' if cell.last_day is not none else 'cast(null as double)',
    'by_all_retained': 'counts.' ~ cell.name ~ '__by_all_retained' if cell.last_day is not none else 'cast(null as double)',
    'all_by_members': 'counts.' ~ cell.name ~ '__all_by_members' if cell.last_day is not none else 'cast(null as double)',
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
        and (users.deleted_at is null or user_days.event_date < {{ segmentation.day_of('users.deleted_at') }})
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

everybody as (
    select * from account_counts
    where segment = '__all__'
),

-- Users without colleagues are accounts of their own, on both sides of a product.
counts as (
    select
        account_counts.segment,
        cast(sum(account_counts.n) as bigint) as n,
        cast(sum(case when everybody.n is null then account_counts.n else 1 end) as bigint) as accounts,
        cast(sum(case
            when everybody.n is null then account_counts.n
            when everybody.n = account_counts.n then 1
            else 0
        end) as bigint) as whole_accounts,
        cast(sum(account_counts.n * case when everybody.n is null then 1 else account_counts.n end) as double)
            as squares,
        cast(sum(account_counts.n * coalesce(everybody.n, 1)) as double) as products_with_all,
        {%- for cell in cells %}
        cast(sum(account_counts.{{ cell.name }}) as bigint) as {{ cell.name }},
        cast(sum(
            account_counts.{{ cell.name }}
            * case when everybody.n is null then 1 else account_counts.{{ cell.name }} end
        ) as double) as {{ cell.name }}__squares,
        cast(sum(
            account_counts.{{ cell.name }} * case when everybody.n is null then 1 else account_counts.n end
        ) as double) as {{ cell.name }}__products,
        {%- endfor %}
        {%- for cell in ranges %}
        cast(sum(account_counts.{{ cell.name }} * coalesce(everybody.n, 1)) as double) as {{ cell.name }}__by_all,
        cast(sum(account_counts.{{ cell.name }} * coalesce(everybody.{{ cell.name }}, 1)) as double)
            as {{ cell.name }}__by_all_retained,
        cast(sum(
            case
                when everybody.n is null then account_counts.{{ cell.name }}
                else account_counts.n * everybody.{{ cell.name }}
            end
        ) as double) as {{ cell.name }}__all_by_members,
        {%- endfor %}
        account_counts.cohort_date
    from account_counts
    left join everybody
        on
            account_counts.shared_account = everybody.shared_account
            and account_counts.cohort_date = everybody.cohort_date
    group by account_counts.segment, account_counts.cohort_date
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
        counts.whole_accounts,
        counts.squares,
        counts.products_with_all,
        {{ segmentation.pick_column('cell_names.cell', columns, 'retained') }} as retained,
        {{ segmentation.pick_column('cell_names.cell', columns, 'squares') }} as retained_squares,
        {{ segmentation.pick_column('cell_names.cell', columns, 'products') }} as retained_products,
        {{ segmentation.pick_column('cell_names.cell', columns, 'by_all') }} as retained_by_all,
        {{ segmentation.pick_column('cell_names.cell', columns, 'by_all_retained') }} as retained_by_all_retained,
        {{ segmentation.pick_column('cell_names.cell', columns, 'all_by_members') }} as all_retained_by_members,
        counts.cohort_date as as_of_date
    from counts
    cross join cell_names
)

select * from counts_by_cell
