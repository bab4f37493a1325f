{{ config(materialized='view') }}

{%- set pause_days = segmentation.setting('experiment_window_days') -%}
-- Value × risk × renewal: what an account pays a month, how far from well it is, and how soon it decides. Whoever was
-- just called, as an audience with the surface sales says, is not due again.
with
account_health as (
    select * from {{ ref('account_health') }}
),

accounts as (
    select
        account_id,
        account_owner
    from {{ ref('stg_accounts') }}
),

users as (
    select
        user_id,
        account_id
    from {{ ref('stg_users') }}
),

audiences as (
    select audience
    from {{ ref('audiences') }}
    where surface = 'sales'
),

exposures as (
    select
        user_id,
        audience,
        is_held_out,
        delivered_through
    from {{ ref('audience_exposures') }}
),

further_deliveries as (
    select * from {{ segmentation.past_deliveries() }}
),

deliveries as (
    select
        user_id,
        audience,
        delivered_through
    from exposures
    where not is_held_out
    union all
    select
        {{ segmentation.trimmed_text('user_id') }} as user_id,
        {{ segmentation.trimmed_text('audience') }} as audience,
        {{ segmentation.to_day('delivered_through') }} as delivered_through
    from further_deliveries
    where not {{ segmentation.to_boolean('is_held_out') }}
),

contacts as (
    select
        users.account_id,
        max(deliveries.delivered_through) as last_contacted_on
    from deliveries
    inner join audiences on deliveries.audience = audiences.audience
    inner join users on deliveries.user_id = users.user_id
    where users.account_id is not null
    group by users.account_id
),

factors as (
    select
        account_health.account_id,
        accounts.account_owner,
        account_health.plan,
        account_health.band,
        account_health.users,
        account_health.active_users,
        account_health.open_tickets,
        account_health.days_to_renewal,
        -- Without users the subscription is not known here; what was paid in 91 days is, and 91 days are a quarter.
        coalesce(account_health.mrr, account_health.revenue_91d / 3e0) as monthly_value,
        -- Whoever has nobody left in the product is as far from well as can be.
        case when account_health.users = 0 then 1e0 else 1e0 - account_health.mean_health / 1e2 end as risk,
        3e1 / greatest(coalesce(account_health.days_to_renewal, 365), 30) as renewal_nearness,
        coalesce(
            contacts.last_contacted_on
            <= {{ segmentation.days_before('account_health.data_through', pause_days) }},
            true
        ) as is_due,
        contacts.last_contacted_on,
        account_health.as_of_date,
        account_health.data_through
    from account_health
    left join accounts on account_health.account_id = accounts.account_id
    left join contacts on account_health.account_id = contacts.account_id
),

weighted as (
    select
        *,
        monthly_value * risk * renewal_nearness as priority
    from factors
),

call_list as (
    select
        account_id,
        account_owner,
        plan,
        band,
        cast(row_number() over (
            partition by account_owner
            order by is_due desc, priority desc, account_id asc
        ) as bigint) as call_number,
        users,
        active_users,
        open_tickets,
        days_to_renewal,
        monthly_value,
        risk,
        renewal_nearness,
        priority,
        is_due,
        last_contacted_on,
        as_of_date,
        data_through
    from weighted
    where priority > 0
)

select * from call_list
