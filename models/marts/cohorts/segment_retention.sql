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

retention_counts as (
    select * from {{ ref('retention_counts') }}
),

cells as (
    {%- for cell in segmentation.retention_cells() %}
    select
        '{{ cell.kind }}' as kind,
        cast({{ cell.period }} as bigint) as period,
        cast({{ cell.first_day }} as bigint) as first_day,
        cast({{ cell.last_day if cell.last_day is not none else 'null' }} as bigint) as last_day,
        {{ cell.mature_after }} as mature_after_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cohort_cells as (
    select
        cells.kind,
        cells.period,
        cells.first_day,
        cells.last_day,
        {{ segmentation.days_before('cohorts.cohort_date', '-cells.mature_after_days') }}
        <= {{ segmentation.closed_through('data_through') }} as is_mature,
        cohorts.cohort_date,
        data_through.data_through
    from cohorts
    cross join cells
    cross join data_through
),

-- Every segment has all its cells, also where nobody is in the cohort. A cell that can still change is not known, and
-- not 0.
filled as (
    select
        segments.segment,
        cohort_cells.kind,
        cohort_cells.period,
        cohort_cells.first_day,
        cohort_cells.last_day,
        coalesce(retention_counts.n, 0) as n,
        coalesce(retention_counts.accounts, 0) as accounts,
        retention_counts.squares,
        case when cohort_cells.is_mature then coalesce(retention_counts.retained, 0) end as retained,
        retention_counts.retained_squares,
        retention_counts.retained_products,
        cohort_cells.is_mature,
        cohort_cells.cohort_date,
        cohort_cells.data_through
    from cohort_cells
    cross join segments
    left join retention_counts
        on
            cohort_cells.cohort_date = retention_counts.as_of_date
            and segments.segment = retention_counts.segment
            and cohort_cells.kind = retention_counts.kind
            and cohort_cells.period = retention_counts.period
    where segments.retired_on is null or segments.retired_on >= cohort_cells.cohort_date
),

witnessed as (
    select
        *,
        {{ segmentation.share_design_effect('retained', 'n', 'retained_squares', 'retained_products', 'squares') }}
            as design_effect
    from filled
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
