-- Sizes are those of segment_sizes, for every segment; shares lie between 0 and 1; the margin is revenue less costs,
-- and is unknown exactly where no cost is known. Over the months, spend is what was spent.
with
segment_value as (
    select * from {{ ref('segment_value') }}
),

segment_sizes as (
    select segment_sizes.*
    from {{ ref('segment_sizes') }} as segment_sizes
    inner join {{ ref('data_through') }} as data_through on segment_sizes.as_of_date = data_through.data_through
),

spent as (
    select coalesce(cast(sum(spend.amount) as double), 0e0) as amount
    from {{ ref('stg_marketing_spend') }} as spend
    inner join {{ ref('data_through') }} as data_through on spend.spend_date <= data_through.data_through
),

costs as (
    select
        coalesce(sum(spend), 0e0) as spend,
        coalesce(sum(cost_per_signup * signups), 0e0) as on_signups,
        coalesce(sum(case when signups = 0 then spend end), 0e0) as on_nobody
    from {{ ref('acquisition_costs') }}
),

failures as (
    select
        'segment_value: ' || segment_sizes.segment || ' has ' || cast(segment_sizes.users as {{ dbt.type_string() }})
        || ' users in segment_sizes and ' || coalesce(cast(segment_value.users as {{ dbt.type_string() }}), 'no row')
        || ' here; or a share is not between 0 and 1, or the margin is not revenue less costs.' as message
    from segment_sizes
    left join segment_value on segment_sizes.segment = segment_value.segment
    where
        segment_value.users is distinct from segment_sizes.users
        or not coalesce(segment_value.share_of_users between 0 and 1, segment_value.population_users = 0)
        or not coalesce(segment_value.share_of_revenue between 0 and 1, true)
        or segment_value.paying_users > segment_value.users
        or segment_value.costed_users > segment_value.users
        or (segment_value.margin is null) != (segment_value.costed_users = 0)
        or abs(
            segment_value.costed_lifetime_revenue - segment_value.acquisition_cost - segment_value.costed_support_cost
            - segment_value.margin
        ) > 1e-6
    union all
    select
        'acquisition_costs: spend is ' || cast(costs.spend as {{ dbt.type_string() }}) || ', of '
        || cast(spent.amount as {{ dbt.type_string() }}) || ' spent.' as message
    from costs
    cross join spent
    where
        not coalesce(
            abs(costs.spend - spent.amount) < 1e-6 * (1 + spent.amount)
            and abs(costs.on_signups + costs.on_nobody - costs.spend) < 1e-6 * (1 + spent.amount),
            false
        )
)

select * from failures
