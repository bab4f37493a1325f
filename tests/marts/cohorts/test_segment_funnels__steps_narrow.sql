-- Every cohort has all its steps; a step has no more users than the one before it, and the shares are theirs; what is
-- too young is NULL and nothing else is.
{%- set steps = segmentation.funnels() | map(attribute='steps') | sum(start=[]) | length %}
with
segment_funnels as (
    select * from {{ ref('segment_funnels') }}
),

cohorts as (
    select
        segment,
        cohort_date,
        count(*) as steps,
        min(n) as lowest_n,
        max(n) as highest_n
    from segment_funnels
    group by segment, cohort_date
),

missing as (
    select
        'segment_funnels: ' || segment_sizes.segment || ' on '
        || cast(segment_sizes.as_of_date as {{ dbt.type_string() }})
        || ' should have {{ steps }} steps with the n of segment_sizes, '
        || cast(segment_sizes.users as {{ dbt.type_string() }}) || '.' as message
    from {{ ref('segment_sizes') }} as segment_sizes
    left join cohorts
        on
            segment_sizes.segment = cohorts.segment
            and segment_sizes.as_of_date = cohorts.cohort_date
    where
        segment_sizes.is_period_end
        and {{ steps }} > 0
        and not coalesce(
            cohorts.steps = {{ steps }}
            and cohorts.lowest_n = segment_sizes.users
            and cohorts.highest_n = segment_sizes.users,
            false
        )
),

failures as (
    select message from missing
    union all
    select
        'segment_funnels: ' || now.segment || ', cohort of ' || cast(now.cohort_date as {{ dbt.type_string() }}) || ', '
        || now.funnel || ' step ' || cast(now.step as {{ dbt.type_string() }}) || ' has '
        || coalesce(cast(now.users as {{ dbt.type_string() }}), 'NULL') || ' of '
        || cast(now.n as {{ dbt.type_string() }})
        || ' users. It must be NULL before the time is over and only then, and no more than the step before.' as message
    from segment_funnels as now
    left join segment_funnels as earlier
        on
            now.segment = earlier.segment
            and now.funnel = earlier.funnel
            and now.cohort_date = earlier.cohort_date
            and now.step = earlier.step + 1
    where
        (now.users is null) = now.is_mature
        or (now.step > 1 and (earlier.step is null or earlier.is_mature != now.is_mature or now.users > earlier.users))
        or not coalesce(now.users between 0 and now.n, not now.is_mature)
        or not coalesce(now.share between now.share_lower and now.share_upper, not now.is_mature or now.n = 0)
        or not coalesce(
            now.share_of_previous between now.share and 1, not now.is_mature or now.n = 0 or earlier.users = 0
        )
        or (now.median_days is null) != (coalesce(now.users, 0) = 0)
        or not coalesce(
            now.median_days >= {{
                '0e0' if segmentation.setting('same_second_steps_follow') else 'case when now.step > 1 then 1e-12 else 0e0 end'
            }},
            true
        )
)

select * from failures
