-- The list of suppressions names people by user_id or by the SHA-256 of their address. An address as it is would match
-- nobody, and the person would be sent.
with
suppressions as (
    select * from {{ segmentation.audience_suppressions() }}
),

failures as (
    select
        'audience_suppressions: ' || cast(count(*) as {{ dbt.type_string() }})
        || ' rows have neither a user_id nor an email_sha256 of 64 hexadecimal digits (SHA-256 of the trimmed'
        || ' lower-case address), so they suppress nobody.' as message
    from suppressions
    where
        (user_id is null and email_sha256 is null)
        or length(email_sha256) != 64
        or email_sha256 like '%@%'
    having count(*) > 0
)

select * from failures
