with
accounts as (
    select * from {{ ref('raw_accounts') }}
),

mapped as (
    select
        account_id,
        account_name,
        industry,
        null as business_model,
        -- `seats` is what they licensed, not how many they are.
        null as employee_count,
        null as annual_revenue,
        country,
        null as account_owner,
        {{ day_first('signup_date') }} as created_at,
        null as updated_at
    from accounts
)

select * from mapped
