-- Over the groups of every partition the effects add up to the change of the overall rate, shares to 1, and users to
-- everybody; every date after the first has every partition.
with
mix_shift as (
    select * from {{ ref('north_star_mix_shift') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where previous_as_of_date is not null
),

user_dates as (
    select
        as_of_date,
        count(*) as users
    from {{ ref('user_dates') }}
    group by as_of_date
),

partitions as (
    {%- for partition in segmentation.mix_shift_partitions() %}
    select '{{ partition.name }}' as partition_name
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

sums as (
    select
        comparison,
        partition_name,
        as_of_date,
        sum(users) as users,
        sum(share) as share_sum,
        sum(previous_share) as previous_share_sum,
        sum(total_effect) as total_effect,
        max(abs(overall_rate) + abs(previous_overall_rate)) as rates,
        min(overall_change) as overall_change,
        max(overall_change) as largest_overall_change
    from mix_shift
    group by comparison, partition_name, as_of_date
),

expected as (
    select
        partitions.partition_name,
        as_of_dates.as_of_date,
        user_dates.users
    from partitions
    cross join as_of_dates
    inner join user_dates on as_of_dates.as_of_date = user_dates.as_of_date
    inner join user_dates as previous_users on as_of_dates.previous_as_of_date = previous_users.as_of_date
),

failures as (
    select
        'north_star_mix_shift: ' || expected.partition_name || ' on '
        || cast(expected.as_of_date as {{ dbt.type_string() }})
        || ' (' || coalesce(sums.comparison, 'no row') || '): the effects add up to '
        || coalesce(cast(sums.total_effect as {{ dbt.type_string() }}), 'NULL') || ' and the change is '
        || coalesce(cast(sums.overall_change as {{ dbt.type_string() }}), 'NULL')
        || '; they must be equal, and shares must add up to 1 and users to all.' as message
    from expected
    left join sums
        on
            expected.partition_name = sums.partition_name
            and expected.as_of_date = sums.as_of_date
    where
        not coalesce(
            {{ segmentation.are_equal_sums('sums.total_effect', 'sums.overall_change', 'sums.rates') }}
            and abs(sums.share_sum - 1) < 1e-9
            and abs(sums.previous_share_sum - 1) < 1e-9
            and sums.users = expected.users
            and sums.overall_change = sums.largest_overall_change,
            false
        )
)

select * from failures
