-- What cohort_comparison counts for members and for the rest stands in segment_retention and segment_funnels too, and
-- every segment has every outcome that has a complete cohort.
with
compared as (
    select * from {{ ref('cohort_comparison') }}
),

retention as (
    select
        segment,
        'retention' as subject,
        kind as outcome,
        period as step,
        n,
        retained as users,
        cohort_date
    from {{ ref('segment_retention') }}
    where is_mature and kind != 'unbounded'
),

funnels as (
    select
        segment,
        'funnel' as subject,
        funnel as outcome,
        step,
        n,
        users,
        cohort_date
    from {{ ref('segment_funnels') }}
    where is_mature
),

counted as (
    select * from retention
    union all
    select * from funnels
),

newest as (
    select
        subject,
        outcome,
        step,
        max(cohort_date) as cohort_date
    from counted
    group by subject, outcome, step
),

expected as (
    select
        members.*,
        everybody.n - members.n as baseline_n,
        everybody.users - members.users as baseline_users
    from counted as members
    inner join newest
        on
            members.subject = newest.subject
            and members.outcome = newest.outcome
            and members.step = newest.step
            and members.cohort_date = newest.cohort_date
    inner join counted as everybody
        on
            members.subject = everybody.subject
            and members.outcome = everybody.outcome
            and members.step = everybody.step
            and members.cohort_date = everybody.cohort_date
            and everybody.segment = '__all__'
    where members.segment != '__all__'
),

failures as (
    select
        'cohort_comparison: ' || expected.segment || ', ' || expected.subject || ' ' || expected.outcome || ' '
        || cast(expected.step as {{ dbt.type_string() }})
        || ' of its newest complete cohort is not there, or its users are not those of the mart of cohorts.' as message
    from expected
    left join compared
        on
            expected.segment = compared.segment
            and expected.subject = compared.subject
            and expected.outcome = compared.outcome
            and expected.step = compared.step
    group by expected.segment, expected.subject, expected.outcome, expected.step
    having
        count(
            case
                when
                    compared.cohort_date = expected.cohort_date
                    and compared.users = expected.users
                    and compared.baseline_users = expected.baseline_users
                    and (compared.from_step > 0 or compared.n = expected.n)
                    and (compared.from_step > 0 or compared.baseline_n = expected.baseline_n)
                    then 1
            end
        ) = 0
        or count(*) != count(
            case when compared.cohort_date = expected.cohort_date and compared.users = expected.users then 1 end
        )
)

select * from failures
