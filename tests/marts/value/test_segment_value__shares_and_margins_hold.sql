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
    select
        coalesce(cast(sum(spend.amount) as double), 0e0) as amount,
        coalesce(sum(abs(cast(spend.amount as double))), 0e0) as size
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

-- Of a total with refunds in it a part can exceed the whole.
refunds as (
    select coalesce(min(user_features.revenue_91d), 0e0) < 0 as has_refunds
    from {{ ref('user_features') }} as user_features
    inner join {{ ref('data_through') }} as data_through on user_features.as_of_date = data_through.data_through
),

failures as (
    select
        'segment_value: ' || segment_sizes.segment || ' has ' || cast(segment_sizes.users as {{ dbt.type_string() }})
        || ' users in segment_sizes and ' || coalesce(cast(segment_value.users as {{ dbt.type_string() }}), 'no row')
        || ' here; or a share is not between 0 and 1, or the margin is not revenue less costs.' as message
    from segment_sizes
    cross join refunds
    left join segment_value on segment_sizes.segment = segment_value.segment
    where
        {#- Empty without invoices. #}
        (
            {{ 'true' if segmentation.is_known(['invoices']) else 'false' }}
            and segment_value.users is distinct from segment_sizes.users
        )
        or not coalesce(segment_value.share_of_users between 0 and 1, segment_value.population_users = 0)
        or not coalesce(segment_value.share_of_revenue between 0 and 1 or refunds.has_refunds, true)
        or segment_value.paying_users > segment_value.users
        or segment_value.costed_users > segment_value.users
        or (segment_value.margin is null) != (segment_value.costed_users = 0)
        or not coalesce(
            {{ segmentation.are_equal_sums(
                'segment_value.costed_lifetime_revenue - segment_value.acquisition_cost'
                ~ ' - segment_value.costed_support_cost',
                'segment_value.margin',
                'abs(segment_value.costed_lifetime_revenue) + abs(segment_value.acquisition_cost)'
                ~ ' + segment_value.costed_support_cost'
            ) }},
            segment_value.margin is null
        )
    union all
    select
        'acquisition_costs: spend is ' || cast(costs.spend as {{ dbt.type_string() }}) || ', of '
        || cast(spent.amount as {{ dbt.type_string() }}) || ' spent.' as message
    from costs
    cross join spent
    where
        not coalesce(
            {{ segmentation.are_equal_sums('costs.spend', 'spent.amount', 'spent.size') }}
            and {{ segmentation.are_equal_sums('costs.on_signups + costs.on_nobody', 'costs.spend', 'spent.size') }},
            false
        )
)

select * from failures
