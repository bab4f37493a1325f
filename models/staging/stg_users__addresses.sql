-- The one place that forms what a destination knows a person by. A view: no address is stored a second time.
with
users as (
    select
        user_id,
        email
    from {{ ref('stg_users') }}
),

normalized as (
    select
        user_id,
        nullif({{ segmentation.normalized_email('email') }}, '') as email,
        nullif({{ segmentation.normalized_email('email', 'google') }}, '') as google_email
    from users
),

addresses as (
    select
        user_id,
        email,
        {{ segmentation.sha256_hex('email') }} as email_sha256,
        {{ segmentation.sha256_hex('google_email') }} as google_email_sha256,
        coalesce({{ segmentation.is_email('email') }}, false) as is_email_valid,
        coalesce({{ segmentation.is_plain_cell('user_id') }}, false) as is_user_id_valid
    from normalized
)

select * from addresses
