{{ config(materialized='view') }}

-- Money and seats belong to whoever pays: each counts once in a segment, however many of its users are in it.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

user_features as (
    select
        user_features.user_id,
        {{ segmentation.payer_id('user_features') }} as payer_id,
        coalesce(user_features.plan, '__none__') as plan,
        coalesce(user_features.mrr, 0e0) as mrr,
        user_features.seats,
        user_features.revenue_91d,
        case when user_features.active_days_28d > 0 then 1 else 0 end as is_active
    from {{ ref('user_features') }} as user_features
    where {{ segmentation.at_newest_date() }}
),

-- The newest date that is at least 91 days back.
earlier_dates as (
    select max(as_of_dates.as_of_date) as as_of_date
    from {{ ref('as_of_dates') }} as as_of_dates
    cross join data_through
    where as_of_dates.as_of_date <= {{ segmentation.days_before('data_through.data_through', 91) }}
),

earlier_payers as (
    select
        {{ segmentation.payer_id('earlier') }} as payer_id,
        cast(max(earlier.mrr) as double) as mrr
    from {{ ref('user_features') }} as earlier
    inner join earlier_dates on earlier.as_of_date = earlier_dates.as_of_date
    group by {{ segmentation.payer_id('earlier') }}
),

payers as (
    select
        user_features.payer_id,
        max(user_features.mrr) as mrr,
        max(user_features.seats) as seats,
        sum(user_features.is_active) as active_users,
        max(earlier_payers.mrr) as earlier_mrr
    from user_features
    left join earlier_payers on user_features.payer_id = earlier_payers.payer_id
    group by user_features.payer_id
),

members as (
    select
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    inner join segments on user_segments.segment = segments.segment
    where {{ segmentation.at_newest_date() }}
    union all
    select
        user_id,
        '__all__' as segment
    from user_features
),

planned_members as (
    {%- for plan in ['user_features.plan', "'__all__'"] %}
    select
        members.segment,
        {{ plan }} as plan,
        user_features.user_id,
        user_features.payer_id,
        user_features.revenue_91d,
        user_features.is_active
    from members
    inner join user_features on members.user_id = user_features.user_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

user_sums as (
    select
        segment,
        plan,
        cast(count(*) as bigint) as users,
        cast(sum(is_active) as bigint) as active_users,
        coalesce(sum(revenue_91d), 0e0) as revenue_91d
    from planned_members
    group by segment, plan
),

segment_payers as (
    select
        segment,
        plan,
        payer_id
    from planned_members
    group by segment, plan, payer_id
),

payer_sums as (
    select
        segment_payers.segment,
        segment_payers.plan,
        cast(sum(case when payers.mrr > 0 then 1 else 0 end) as bigint) as paying_accounts,
        cast(sum(case when payers.earlier_mrr > 0 then 1 else 0 end) as bigint) as earlier_paying_accounts,
        cast(sum(case when payers.earlier_mrr > 0 and payers.mrr > payers.earlier_mrr then 1 else 0 end) as bigint)
            as upgraded_accounts,
        sum(payers.mrr) as mrr,
        cast(coalesce(sum(case when payers.mrr > 0 then payers.seats end), 0) as bigint) as seats,
        cast(coalesce(sum(case when payers.mrr > 0 and payers.seats > 0 then payers.active_users end), 0) as bigint)
            as active_users_of_seats
    from segment_payers
    inner join payers on segment_payers.payer_id = payers.payer_id
    group by segment_payers.segment, segment_payers.plan
),

pricing as (
    select
        user_sums.segment,
        user_sums.plan,
        user_sums.users,
        user_sums.active_users,
        payer_sums.paying_accounts,
        payer_sums.seats,
        payer_sums.active_users_of_seats,
        payer_sums.earlier_paying_accounts,
        payer_sums.upgraded_accounts,
        payer_sums.mrr,
        payer_sums.mrr / nullif(payer_sums.paying_accounts, 0) as mrr_per_account,
        user_sums.revenue_91d / nullif(user_sums.users, 0) as arpu_91d,
        payer_sums.active_users_of_seats / cast(nullif(payer_sums.seats, 0) as double) as seat_use,
        payer_sums.upgraded_accounts / cast(nullif(payer_sums.earlier_paying_accounts, 0) as double) as upgrade_rate,
        data_through.data_through as as_of_date,
        data_through.data_through
    from user_sums
    inner join payer_sums
        on
            user_sums.segment = payer_sums.segment
            and user_sums.plan = payer_sums.plan
    cross join data_through
)

select * from pricing
