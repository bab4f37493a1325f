-- Every account is one user at the newest date, with the account's id, and nobody else is.
with
users as (
    select * from {{ ref('segmentation', 'users') }}
),

accounts as (
    select * from {{ ref('raw_accounts') }}
),

differences as (
    select
        accounts.account_id,
        users.user_id,
        'Account ' || coalesce(accounts.account_id, '(none)') || ' has the user '
        || coalesce(users.user_id, '(none)') || '.' as message
    from accounts
    full outer join users on accounts.account_id = users.account_id
    where accounts.account_id is distinct from users.user_id
)

select * from differences
