{{ config(materialized='ephemeral') }}

with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

accounts as (
    select * from {{ ref('stg_accounts') }}
),

tracked as (
    {{ segmentation.attributes_as_of('account', ['industry', 'business_model', 'employee_count', 'annual_revenue']) }}
),

attributes as (
    select
        spine.user_id,
        lower({{ segmentation.attribute('industry', 'tracked', 'accounts') }}) as industry,
        lower({{ segmentation.attribute('business_model', 'tracked', 'accounts') }}) as business_model,
        {{ segmentation.to_number(segmentation.attribute('employee_count', 'tracked', 'accounts'), 'integer') }}
            as employee_count,
        {{ segmentation.to_number(segmentation.attribute('annual_revenue', 'tracked', 'accounts'), 'double') }}
            as annual_revenue,
        spine.as_of_date
    from spine
    left join accounts on spine.account_id = accounts.account_id
    left join tracked
        on
            spine.user_id = tracked.user_id
            and spine.as_of_date = tracked.as_of_date
),

firmographics as (
    select
        user_id,
        industry,
        business_model,
        case
            when employee_count < 1 then null
            when employee_count < 10 then 'micro'
            when employee_count < 50 then 'small'
            when employee_count < 250 then 'medium'
            when employee_count < 1000 then 'large'
            when employee_count >= 1000 then 'enterprise'
        end as company_size,
        case
            when annual_revenue < 1e6 then 'under_1m'
            when annual_revenue < 1e7 then '1m_10m'
            when annual_revenue < 5e7 then '10m_50m'
            when annual_revenue < 2.5e8 then '50m_250m'
            when annual_revenue < 1e9 then '250m_1b'
            when annual_revenue >= 1e9 then 'over_1b'
        end as revenue_band,
        employee_count,
        annual_revenue,
        as_of_date
    from attributes
)

select * from firmographics
