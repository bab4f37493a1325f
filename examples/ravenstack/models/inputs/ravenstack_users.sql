-- The source knows no people. One user stands for each account, so that everything the account did has an owner.
with
accounts as (
    select * from {{ ref('raw_accounts') }}
),

mapped as (
    select
        account_id as user_id,
        account_id,
        null as email,
        null as job_title,
        null as department,
        null as birth_year,
        null as gender,
        null as income_band,
        null as language,  -- noqa: RF04
        country,
        null as state,
        null as city,
        referral_source as acquisition_channel,
        null as marketing_consent,
        -- Not in the contract: says to whoever reads this table what a user is here.
        true as is_account_level,
        {{ day_first('signup_date') }} as signed_up_at,
        null as updated_at,
        null as deleted_at
    from accounts
)

select * from mapped
