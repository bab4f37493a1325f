{{ config(materialized='view') }}

-- Value × risk × renewal: what an account pays a month, how far from well it is, and how soon it decides.
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
        account_health.as_of_date,
        account_health.data_through
    from account_health
    left join accounts on account_health.account_id = accounts.account_id
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
        row_number() over (
            partition by account_owner
            order by priority desc, account_id asc
        ) as call_number,
        users,
        active_users,
        open_tickets,
        days_to_renewal,
        monthly_value,
        risk,
        renewal_nearness,
        priority,
        as_of_date,
        data_through
    from weighted
    where priority > 0
)

select * from call_list
