-- Every segment has a row for every feature; members and rest are the users of the newest date, and those who use a
-- feature are the same for every segment: what counting user_event_days again gives.
with
segment_feature_adoption as (
    select * from {{ ref('segment_feature_adoption') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

population as (
    select user_dates.user_id
    from {{ ref('user_dates') }} as user_dates
    inner join data_through on user_dates.as_of_date = data_through.data_through
),

population_size as (
    select count(*) as users from population
),

features as (
    select
        user_event_days.event_name as feature,
        count(distinct user_event_days.user_id) as adopters_ever,
        count(distinct case
            when user_event_days.event_date > {{ segmentation.days_before('data_through.data_through', 28) }}
                then user_event_days.user_id
        end) as adopters_28d
    from {{ ref('user_event_days') }} as user_event_days
    inner join population on user_event_days.user_id = population.user_id
    cross join data_through
    where user_event_days.event_name in ({{ segmentation.event_names(is_feature=true) }})
    group by user_event_days.event_name
),

expected as (
    select
        segments.segment,
        features.feature,
        features.adopters_28d,
        features.adopters_ever
    from {{ ref('segments') }} as segments
    cross join features
    where segments.retired_on is null or segments.retired_on >= segments.data_through
),

failures as (
    select
        'segment_feature_adoption: ' || expected.segment || ', ' || expected.feature || ': '
        || coalesce(cast(adoption.adopters_28d as {{ dbt.type_string() }}), 'no row of') || ' of '
        || coalesce(cast(adoption.n as {{ dbt.type_string() }}), 'NULL')
        || ' members and the rest are not all users, or not all who use it; or a number lies on the wrong side.'
            as message
    from expected
    cross join population_size
    left join segment_feature_adoption as adoption
        on
            expected.segment = adoption.segment
            and expected.feature = adoption.feature
    where
        adoption.segment is null
        or adoption.n + adoption.baseline_n != population_size.users
        or adoption.adopters_28d + adoption.baseline_adopters_28d != expected.adopters_28d
        or adoption.adopters_ever + adoption.baseline_adopters_ever != expected.adopters_ever
        or adoption.adopters_28d > adoption.adopters_ever
        or adoption.adopters_ever > adoption.n
        or adoption.baseline_adopters_ever > adoption.baseline_n
        or (adoption.mean is null) != (adoption.n = 0)
        or not coalesce(
            adoption.difference between adoption.difference_lower and adoption.difference_upper,
            adoption.n = 0 or adoption.baseline_n = 0
        )
        -- p * tests / rank may be a rounding below p.
        or not coalesce(adoption.q_value between adoption.p_value - 1e-12 and 1, true)
        or (adoption.is_circular and adoption.q_value is not null)
        or (adoption.median_days_to_first_use is null) != (adoption.adopters_ever = 0)
)

select * from failures
