{%- set cells = segmentation.retention_cells() %}
{%- set ranges = cells | rejectattr('last_day', 'none') | list %}
{%- set last_day = ranges | map(attribute='last_day') | max %}
{%- set unbounded = cells | selectattr('last_day', 'none') | list %}
{%- set columns = {} %}
{%- for cell in cells %}
{%- do columns.update({cell.name: {
    'retained': 'cohort_counts.' ~ cell.name,
    'squares': 'cohort_counts.' ~ cell.name ~ '__squares',
    'products': 'cohort_counts.' ~ cell.name ~ '__products',
    'mature_from': segmentation.days_before('cohort_counts.cohort_date', -cell.mature_after),
}}) %}
{%- endfor %}

-- Active days meet the few cohorts that they can count for, once; a user of a cohort then has a flag for each range
-- of days.
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

-- Every segment has all its cells, also where nobody is in the cohort.
cohort_counts as (
    select
        segments.segment,
        coalesce(counts.n, 0) as n,
        coalesce(counts.accounts, 0) as accounts,
        counts.squares,
        {%- for cell in cells %}
        coalesce(counts.{{ cell.name }}, 0) as {{ cell.name }},
        counts.{{ cell.name }}__squares,
        counts.{{ cell.name }}__products,
        {%- endfor %}
        cohorts.cohort_date,
        {{ segmentation.closed_through('data_through') }} as closed_date,
        data_through.data_through
    from cohorts
    cross join segments
    cross join data_through
    left join counts
        on
            cohorts.cohort_date = counts.cohort_date
            and segments.segment = counts.segment
),

cell_names as (
    {%- for cell in cells %}
    select
        '{{ cell.name }}' as cell,
        '{{ cell.kind }}' as kind,
        cast({{ cell.period }} as bigint) as period,
        cast({{ cell.first_day }} as bigint) as first_day,
        cast({{ cell.last_day if cell.last_day is not none else 'null' }} as bigint) as last_day
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cells as (
    select
        cohort_counts.segment,
        cell_names.kind,
        cell_names.period,
        cell_names.first_day,
        cell_names.last_day,
        cohort_counts.n,
        cohort_counts.accounts,
        cohort_counts.squares,
        {{ segmentation.pick_column('cell_names.cell', columns, 'retained') }} as retained_so_far,
        {{ segmentation.pick_column('cell_names.cell', columns, 'squares') }} as retained_squares,
        {{ segmentation.pick_column('cell_names.cell', columns, 'products') }} as retained_products,
        {{ segmentation.pick_column('cell_names.cell', columns, 'mature_from') }} <= cohort_counts.closed_date
            as is_mature,
        cohort_counts.cohort_date,
        cohort_counts.data_through
    from cohort_counts
    cross join cell_names
),

-- A cell that can still change is not known, and not 0.
mature_cells as (
    select
        *,
        case when is_mature then retained_so_far end as retained
    from cells
),

witnessed as (
    select
        *,
        {{ segmentation.share_design_effect('retained', 'n', 'retained_squares', 'retained_products', 'squares') }}
            as design_effect
    from mature_cells
),

retention as (
    select
        segment,
        kind,
        case
            when not is_mature then cast(null as {{ dbt.type_string() }})
            when n < 2 then 'insufficient'
            when retained < 5 or n - retained < 5 then 'low_counts'
            when n < 30 or accounts < {{ segmentation.setting('min_test_accounts') }} then 'small_n'
            else 'ok'
        end as quality,
        period,
        first_day,
        last_day,
        n,
        accounts,
        retained,
        retained / cast(nullif(n, 0) as double) as share,
        {{ segmentation.wilson_bound('retained / design_effect', 'n / design_effect', 'lower') }} as share_lower,
        {{ segmentation.wilson_bound('retained / design_effect', 'n / design_effect', 'upper') }} as share_upper,
        design_effect,
        is_mature,
        cohort_date,
        data_through as as_of_date,
        data_through
    from witnessed
)

select * from retention
