{%- set audiences = segmentation.audiences() %}
{%- set consents = (audiences | map(attribute='consent') | select | unique | list) or ['marketing_consent'] %}
{%- set draw = segmentation.hash_share(segmentation.holdout_text('audience', 'user_id')) -%}
-- Addresses are looked at, not kept: the row says whether a person can be sent; by what, stays in stg_users__addresses.
with
audiences as (
    select * from {{ ref('audiences') }}
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

users as (
    select
        {%- for column in consents %}
        {{ column }},
        {%- endfor %}
        user_id
    from {{ ref('stg_users') }}
),

addresses as (
    select * from {{ ref('stg_users__addresses') }}
),

messages as (
    select * from {{ ref('user_messages') }}
),

suppressions as (
    select * from {{ segmentation.audience_suppressions() }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

newest_segments as (
    select
        user_segments.user_id,
        user_segments.segment
    from user_segments
),

unsubscribed as (
    select messages.user_id
    from messages
    cross join data_through
    where
        messages.user_id is not null
        and {{ segmentation.day_of('messages.unsubscribed_at') }} <= data_through.data_through
    group by messages.user_id
),

suppressed_ids as (
    select {{ segmentation.trimmed_text('user_id') }} as user_id
    from suppressions
    where user_id is not null
    group by {{ segmentation.trimmed_text('user_id') }}
),

suppressed_hashes as (
    select lower({{ segmentation.trimmed_text('email_sha256') }}) as email_sha256
    from suppressions
    where email_sha256 is not null
    group by lower({{ segmentation.trimmed_text('email_sha256') }})
),

-- Whoever wrote the list may have known the mailbox by another of its addresses than we do.
address_hashes as (
    {%- for form in segmentation.mailbox_forms('email') %}
    select
        user_id,
        {{ segmentation.sha256_hex(form) }} as email_sha256
    from addresses
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

suppressed_addresses as (
    select address_hashes.user_id
    from address_hashes
    inner join suppressed_hashes on address_hashes.email_sha256 = suppressed_hashes.email_sha256
    group by address_hashes.user_id
),

withdrawals as (
    select
        users.user_id,
        {{ segmentation.mailbox('addresses.email') }} as mailbox,
        {%- for column in consents %}
        case when users.{{ column }} then 0 when not users.{{ column }} then 1 else 0 end as refused_{{ column }},
        {%- endfor %}
        case when unsubscribed.user_id is not null then 1 else 0 end as unsubscribed,
        case
            when suppressed_ids.user_id is not null or suppressed_addresses.user_id is not null then 1
            else 0
        end as suppressed
    from users
    inner join addresses on users.user_id = addresses.user_id
    left join unsubscribed on users.user_id = unsubscribed.user_id
    left join suppressed_ids on users.user_id = suppressed_ids.user_id
    left join suppressed_addresses on users.user_id = suppressed_addresses.user_id
),

-- Who says no with one account says no for the mailbox, whatever other accounts it has.
mailboxes as (
    select
        mailbox,
        {%- for column in consents %}
        max(refused_{{ column }}) as refused_{{ column }},
        {%- endfor %}
        max(unsubscribed) as unsubscribed,
        max(suppressed) as suppressed
    from withdrawals
    where mailbox is not null
    group by mailbox
),

permissions as (
    select
        users.user_id,
        {%- for column in consents %}
        coalesce(users.{{ column }}, false) and coalesce(mailboxes.refused_{{ column }}, 0) = 0 as has_{{ column }},
        {%- endfor %}
        greatest(withdrawals.unsubscribed, coalesce(mailboxes.unsubscribed, 0)) = 1 as is_unsubscribed,
        greatest(withdrawals.suppressed, coalesce(mailboxes.suppressed, 0)) = 1 as is_suppressed
    from users
    inner join withdrawals on users.user_id = withdrawals.user_id
    left join mailboxes on withdrawals.mailbox = mailboxes.mailbox
),

exclusions as (
    {%- for audience in audiences %}
    {%- for segment in audience.exclude_segments %}
    select
        '{{ audience.name }}' as audience,
        '{{ segment }}' as segment
    union all
    {%- endfor %}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as audience,
        cast(null as {{ dbt.type_string() }}) as segment
    from data_through
    where 1 = 0
),

excluded as (
    select
        exclusions.audience,
        newest_segments.user_id
    from exclusions
    inner join newest_segments on exclusions.segment = newest_segments.segment
    group by exclusions.audience, newest_segments.user_id
),

candidates as (
    select
        newest_segments.user_id,
        audiences.audience,
        audiences.destination,
        audiences.segment,
        audiences.holdout_share,
        {{ segmentation.audience_key('audiences.key_kind', 'addresses') }} as destination_key,
        case
            {%- for column in consents %}
            when audiences.consent_column = '{{ column }}' and not coalesce(permissions.has_{{ column }}, false)
                then 'no_consent'
            {%- endfor %}
            -- Saying no to messages is no word on what needs no consent, such as a tip inside the product.
            when audiences.consent_column is not null and permissions.is_unsubscribed then 'unsubscribed'
            when permissions.is_suppressed then 'suppressed'
            when excluded.user_id is not null then 'excluded_segment'
            when audiences.key_kind = 'user_id' and not addresses.is_user_id_valid then 'invalid_user_id'
            when audiences.key_kind != 'user_id' and addresses.email is null then 'no_email'
            when audiences.key_kind != 'user_id' and not addresses.is_email_valid then 'invalid_email'
        end as own_reason,
        audiences.as_of_date,
        audiences.data_through
    from audiences
    inner join newest_segments on audiences.segment = newest_segments.segment
    left join permissions on newest_segments.user_id = permissions.user_id
    left join addresses on newest_segments.user_id = addresses.user_id
    left join excluded
        on
            audiences.audience = excluded.audience
            and newest_segments.user_id = excluded.user_id
),

numbered as (
    select
        *,
        row_number() over (
            partition by audience, own_reason is null, destination_key
            order by user_id
        ) as place_in_mailbox
    from candidates
),

judged as (
    select
        user_id,
        audience,
        destination,
        segment,
        case
            when own_reason is not null then own_reason
            when place_in_mailbox > 1 then 'duplicate_email'
            when {{ draw }} < holdout_share then 'holdout'
        end as skip_reason,
        as_of_date,
        data_through
    from numbered
),

members as (
    select
        user_id,
        audience,
        destination,
        segment,
        skip_reason,
        skip_reason is null as is_sent,
        as_of_date,
        data_through
    from judged
)

select * from members
