-- depends_on: {{ ref('as_of_dates') }}  (nothing is rebuilt when the events cannot be used)
-- One hash per user over all CRM rows about the user: a feature row built from other rows is rebuilt.
{%- set by_account = ['accounts', 'account_stages', 'account_technologies', 'subscriptions'] %}

with
row_hashes as (
    select
        user_id,
        {{ segmentation.row_fingerprint('users') }} as row_hash
    from {{ ref('stg_users') }}
    union all
    select
        entity_id as user_id,
        {{ segmentation.row_fingerprint('attribute_history') }} as row_hash
    from {{ ref('stg_attribute_history') }}
    where entity = 'user'
),

account_row_hashes as (
    select
        entity_id as account_id,
        {{ segmentation.row_fingerprint('attribute_history') }} as row_hash
    from {{ ref('stg_attribute_history') }}
    where entity = 'account'
    {%- for name in by_account %}
    union all
    select
        account_id,
        {{ segmentation.row_fingerprint(name) }} as row_hash
    from {{ ref('stg_' ~ name) }}
    {%- endfor %}
),

user_hashes as (
    select
        user_id,
        {{ segmentation.fingerprint_sum('row_hash') }} as user_rows_hash
    from row_hashes
    group by user_id
),

account_hashes as (
    select
        account_id,
        {{ segmentation.fingerprint_sum('row_hash') }} as account_rows_hash
    from account_row_hashes
    group by account_id
),

-- All accounts that the user was ever in: past dates rest on the earlier ones.
user_account_hashes as (
    select
        user_accounts.user_id,
        {{ segmentation.fingerprint_sum('account_hashes.account_rows_hash') }} as account_rows_hash
    from {{ ref('user_accounts') }} as user_accounts
    inner join account_hashes on user_accounts.account_id = account_hashes.account_id
    group by user_accounts.user_id
),

combined as (
    select
        users.user_id,
        {{ segmentation.fingerprint([
            'user_hashes.user_rows_hash', 'user_account_hashes.account_rows_hash'
        ]) }} as crm_hash
    from {{ ref('stg_users') }} as users
    inner join user_hashes on users.user_id = user_hashes.user_id
    left join user_account_hashes on users.user_id = user_account_hashes.user_id
)

select * from combined
