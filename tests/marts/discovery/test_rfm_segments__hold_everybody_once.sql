-- Users, shares and revenue add up to those of all users of the newest date.
with
rfm_segments as (
    select * from {{ ref('rfm_segments') }}
),

user_features as (
    select user_features.*
    from {{ ref('user_features') }} as user_features
    inner join {{ ref('data_through') }} as data_through on user_features.as_of_date = data_through.data_through
),

population as (
    select
        count(*) as users,
        coalesce(sum(revenue_91d), 0e0) as revenue_91d,
        coalesce(sum(abs(revenue_91d)), 0e0) as revenue_size
    from user_features
),

sums as (
    select
        coalesce(sum(users), 0) as users,
        coalesce(sum(revenue_91d), 0e0) as revenue_91d,
        sum(share_of_users) as share_of_users,
        sum(share_of_revenue) as share_of_revenue
    from rfm_segments
),

failures as (
    select
        'rfm_segments: ' || cast(sums.users as {{ dbt.type_string() }}) || ' users in all cells, of '
        || cast(population.users as {{ dbt.type_string() }})
        || '; or revenue or shares do not add up.' as message
    from sums
    cross join population
    where
        not coalesce(
            sums.users = population.users
            and {{ segmentation.are_equal_sums(
                'sums.revenue_91d', 'population.revenue_91d', 'population.revenue_size'
            ) }}
            and (abs(sums.share_of_users - 1) < 1e-9 or population.users = 0)
            -- Of nothing, or of less, there are no shares.
            and coalesce(
                abs(sums.share_of_revenue - 1) < 1e-9 * population.revenue_size / population.revenue_91d,
                population.revenue_91d <= 1e-9 * population.revenue_size
            ),
            false
        )
)

select * from failures
