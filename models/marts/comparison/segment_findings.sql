-- What stands: the newest period end's comparisons, for how long each has said the same, and what is left of it if all
-- period ends of a year are counted as looks.
with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
    where baseline != 'all'
),

metrics as (
    select * from {{ ref('metrics') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

period_ends as (
    select
        as_of_date,
        row_number() over (order by as_of_date desc) as periods_back
    from as_of_dates
    where is_period_end
),

looks as (
    select
        segment_comparison.segment,
        segment_comparison.baseline,
        segment_comparison.metric,
        segment_comparison.quality,
        metrics.tier,
        segment_comparison.difference,
        segment_comparison.p_value,
        segment_comparison.q_value as date_q_value,
        segment_comparison.family is not null as is_test,
        case
            when segment_comparison.q_value <= {{ segmentation._double(0.1) }}
                then cast(sign(segment_comparison.difference) as bigint)
            else cast(0 as bigint)
        end as direction,
        period_ends.periods_back,
        segment_comparison.as_of_date
    from segment_comparison
    inner join period_ends on segment_comparison.as_of_date = period_ends.as_of_date
    inner join metrics on segment_comparison.metric = metrics.metric
),

newest as (
    select * from looks
    where periods_back = 1
),

-- The first look on the way back that says something else.
ends as (
    select
        newest.segment,
        newest.baseline,
        newest.metric,
        min(case when looks.direction != newest.direction then looks.periods_back end) as ended_back,
        max(looks.periods_back) as looks_back
    from newest
    inner join looks
        on
            newest.segment = looks.segment
            and newest.baseline = looks.baseline
            and newest.metric = looks.metric
    group by newest.segment, newest.baseline, newest.metric
),

year_looks as (
    select looks.*
    from looks
    cross join data_through
    where looks.as_of_date > {{ segmentation.days_before('data_through.data_through', 365) }}
),

-- One family of the tests of all dates.
corrected as (
    {{ segmentation.corrected_families(
        'year_looks', "baseline || '/' || tier", 'is_test', family_wise_when="tier = 'guardrail'"
    ) }}
),

year_families as (
    select
        segment,
        baseline,
        metric,
        q_value as year_q_value,
        family
    from corrected
    where periods_back = 1
),

counted as (
    select
        newest.*,
        case
            when newest.direction = 0 then cast(0 as bigint)
            else cast(coalesce(ends.ended_back - 1, ends.looks_back) as bigint)
        end as periods_in_a_row
    from newest
    inner join ends
        on
            newest.segment = ends.segment
            and newest.baseline = ends.baseline
            and newest.metric = ends.metric
),

findings as (
    select
        counted.segment,
        counted.baseline,
        counted.metric,
        counted.quality,
        year_families.family,
        counted.periods_in_a_row,
        counted.difference,
        counted.p_value,
        counted.date_q_value,
        year_families.year_q_value as q_value,
        since.as_of_date as since_date,
        counted.as_of_date,
        data_through.data_through
    from counted
    cross join data_through
    left join year_families
        on
            counted.segment = year_families.segment
            and counted.baseline = year_families.baseline
            and counted.metric = year_families.metric
    left join period_ends as since on counted.periods_in_a_row = since.periods_back
)

select * from findings
