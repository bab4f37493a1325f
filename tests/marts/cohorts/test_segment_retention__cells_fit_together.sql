-- Every cohort has all its cells and the size that segment_sizes gives it; what is too young is NULL and nothing else
-- is; whoever is back in a period is back in it or later, and in an earlier one or later.
{%- set cells = segmentation.retention_cells() %}
with
segment_retention as (
    select * from {{ ref('segment_retention') }}
),

segment_sizes as (
    select
        segment,
        users,
        population_users,
        as_of_date
    from {{ ref('segment_sizes') }}
    where is_period_end
),

expected as (
    select
        segment,
        users,
        as_of_date
    from segment_sizes
    union all
    select
        '__all__' as segment,
        max(population_users) as users,
        as_of_date
    from segment_sizes
    group by as_of_date
),

cohorts as (
    select
        segment,
        cohort_date,
        count(*) as cells,
        min(n) as lowest_n,
        max(n) as highest_n
    from segment_retention
    group by segment, cohort_date
),

missing as (
    select
        'segment_retention: ' || expected.segment || ' on '
        || cast(expected.as_of_date as {{ dbt.type_string() }})
        || ' should have {{ cells | length }} cells with the n of segment_sizes, '
        || cast(expected.users as {{ dbt.type_string() }}) || '.' as message
    from expected
    left join cohorts
        on
            expected.segment = cohorts.segment
            and expected.as_of_date = cohorts.cohort_date
    where
        not coalesce(
            cohorts.cells = {{ cells | length }}
            and cohorts.lowest_n = expected.users
            and cohorts.highest_n = expected.users,
            false
        )
),

neighbors as (
    select
        cells.*,
        later.retained as retained_or_later,
        earlier.retained as retained_earlier
    from segment_retention as cells
    left join segment_retention as later
        on
            cells.segment = later.segment
            and cells.cohort_date = later.cohort_date
            and cells.period = later.period
            and later.kind = 'unbounded'
            and cells.kind = 'classic'
    left join segment_retention as earlier
        on
            cells.segment = earlier.segment
            and cells.cohort_date = earlier.cohort_date
            and cells.period = earlier.period + 1
            and earlier.kind = 'unbounded'
            and cells.kind = 'unbounded'
),

failures as (
    select message from missing
    union all
    select
        'segment_retention: ' || segment || ', cohort of ' || cast(cohort_date as {{ dbt.type_string() }}) || ', '
        || kind || ' ' || cast(period as {{ dbt.type_string() }}) || ': '
        || coalesce(cast(retained as {{ dbt.type_string() }}), 'NULL') || ' of '
        || cast(n as {{ dbt.type_string() }})
        || ' came back. It must be NULL before all days are over and only then, at most n, and agree with its'
        || ' neighbors.' as message
    from neighbors
    where
        is_mature is distinct from (
            {{ segmentation.days_before('cohort_date', '-coalesce(last_day, first_day + 6)') }} <= data_through
        )
        or (retained is null) = is_mature
        or (share is null) != (retained is null or n = 0)
        or not coalesce(retained between 0 and n, not is_mature)
        or not coalesce(share between share_lower and share_upper, not is_mature or n = 0)
        or (kind = 'classic' and retained > retained_or_later)
        or (kind = 'unbounded' and retained > retained_earlier)
)

select * from failures
