-- A p value comes with a test and a q value with a family: p lies in 0 to 1 and q at or above it, intervals hold what
-- they are of, the segment as a part of all and too few users have no p, and a circular metric is in no family.
with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
),

claims as (
    select
        *,
        case
            when p_value is not null and not p_value between 0 and 1 then 'p_value is not between 0 and 1'
            when q_value is not null and not q_value between (1 - 1e-12) * p_value and 1
                then 'q_value is not between p_value and 1'
            when (q_value is null) != (family is null) then 'q_value and family are not NULL together'
            when (p_value is null) != (statistic is null) then 'p_value and statistic are not NULL together'
            when p_value is not null and (baseline = 'all' or quality = 'insufficient')
                then 'there is a p_value without a test'
            when p_value is not null and not is_circular and quality in ('skewed', 'ok') and family is null
                then 'a test is in no family'
            when family is not null and quality not in ('skewed', 'ok') then 'there are too few for a family'
            when is_circular and q_value is not null then 'a circular metric has a q_value'
            when baseline = 'all' and not is_overlapping then 'members of the segment are not part of all'
            when baseline = 'all' and difference_lower is not null
                then 'there is an interval though the segment is a part of all'
            when
                difference_lower > difference + 1e-9 * abs(difference)
                or difference_upper < difference - 1e-9 * abs(difference)
                then 'the interval does not hold the difference'
            when lift_lower > lift + 1e-9 * (1 + abs(lift)) or lift_upper < lift - 1e-9 * (1 + abs(lift))
                then 'the interval does not hold the lift'
            when (difference_lower is null) != (difference_upper is null) then 'the interval has one bound'
            when smallest_detectable_difference <= 0 then 'smallest_detectable_difference is not above 0'
            when comparable_share is not null and not comparable_share between 0 and 1
                then 'comparable_share is not between 0 and 1'
        end as problem
    from segment_comparison
),

failures as (
    select
        'segment_comparison: ' || segment || ' against ' || baseline || ', ' || metric || ' on '
        || cast(as_of_date as {{ dbt.type_string() }}) || ': ' || problem || '.' as message
    from claims
    where problem is not null
)

select * from failures
