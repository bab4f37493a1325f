with
data_through as (
    select * from {{ ref('data_through') }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

cells as (
    select
        rfm_recency,
        rfm_frequency,
        rfm_monetary,
        cast(count(*) as bigint) as users,
        sum(revenue_91d) as revenue_91d,
        sum(abs(revenue_91d)) as revenue_size,
        sum(lifetime_revenue) as lifetime_revenue
    from user_features
    group by rfm_recency, rfm_frequency, rfm_monetary
),

totals as (
    select
        cast(sum(users) as double) as users,
        sum(revenue_91d) as revenue_91d,
        sum(revenue_size) as revenue_size
    from cells
),

rfm_segments as (
    select
        {{ segmentation.rfm_group('cells.rfm_recency', 'cells.rfm_frequency', 'cells.rfm_monetary') }} as rfm_group,
        cells.rfm_recency,
        cells.rfm_frequency,
        cells.rfm_monetary,
        cells.users,
        cells.users / nullif(totals.users, 0e0) as share_of_users,
        cells.revenue_91d,
        {{ segmentation.share_of('cells.revenue_91d', 'totals.revenue_91d', 'totals.revenue_size') }}
            as share_of_revenue,
        cells.lifetime_revenue,
        data_through.data_through as as_of_date,
        data_through.data_through
    from cells
    cross join totals
    cross join data_through
)

select * from rfm_segments
