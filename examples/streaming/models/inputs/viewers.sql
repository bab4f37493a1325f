-- The input `users`: what the contract asks for, and contacts_count, a trait of our own.
select
    viewer as user_id,
    null as account_id,
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
    null as acquisition_channel,
    null as marketing_consent,
    joined as signed_up_at,
    null as deleted_at,
    contacts as contacts_count
from {{ ref('raw_viewers') }}
