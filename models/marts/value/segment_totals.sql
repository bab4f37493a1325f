{{ config(materialized='view') }}

with
data_through as (
    select * from {{ ref('data_through') }}
),

user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
),

user_features as (
    select
        user_features.user_id,
        user_features.active_days_7d,
        user_features.active_days_28d,
        coalesce(user_features.mrr, 0e0) / coalesce(user_features.account_users, 1) as mrr,
        user_features.as_of_date
    from {{ ref('user_features') }} as user_features
),

members as (
    select
        user_id,
        '__all__' as segment,
        as_of_date
    from user_dates
    union all
    select
        user_id,
        segment,
        as_of_date
    from user_segments
),

totals as (
    select
        members.segment,
        cast(count(*) as bigint) as users,
        cast(sum(case when user_features.active_days_7d > 0 then 1 else 0 end) as bigint) as weekly_active_users,
        cast(sum(case when user_features.active_days_28d > 0 then 1 else 0 end) as bigint) as monthly_active_users,
        sum(user_features.mrr) as mrr,
        members.as_of_date
    from members
    inner join user_features
        on
            members.user_id = user_features.user_id
            and members.as_of_date = user_features.as_of_date
    group by members.segment, members.as_of_date
),

segment_totals as (
    select
        totals.segment,
        totals.users,
        totals.weekly_active_users,
        totals.monthly_active_users,
        {%- if segmentation.is_known(['subscriptions']) %}
        totals.mrr,
        12e0 * totals.mrr as arr,
        {%- else %}
        cast(null as double) as mrr,
        cast(null as double) as arr,
        {%- endif %}
        totals.as_of_date,
        data_through.data_through
    from totals
    cross join data_through
)

select * from segment_totals
