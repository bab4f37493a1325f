-- Which account a user was in when. Whoever asks for the account of a date reads it here or in user_dates, which has it per
-- as_of_date. A stay that was over before the signup is left out; the one that held then begins with the signup.
with
users as (
    select * from {{ ref('stg_users') }}
),

account_changes as (
    select * from {{ ref('attribute_changes') }}
    where
        entity = 'user'
        and attribute = 'account_id'
),

first_changes as (
    select
        entity_id as user_id,
        min(valid_from_date) as first_change_date
    from account_changes
    group by entity_id
),

-- Before the first change, and where there is none, the account of today is shown.
stays as (
    select
        users.user_id,
        users.account_id,
        cast(users.signed_up_at as date) as signup_date,
        cast(null as date) as valid_from_date,
        first_changes.first_change_date as valid_to_date
    from users
    left join first_changes on users.user_id = first_changes.user_id
    union all
    select
        users.user_id,
        account_changes.value as account_id,
        cast(users.signed_up_at as date) as signup_date,
        account_changes.valid_from_date,
        account_changes.valid_to_date
    from users
    inner join account_changes on users.user_id = account_changes.entity_id
),

user_accounts as (
    select
        user_id,
        account_id,
        row_number() over (
            partition by user_id
            order by valid_from_date nulls first
        ) as stay_number,
        case when valid_from_date > signup_date then valid_from_date end as valid_from_date,
        valid_to_date
    from stays
    where valid_to_date is null or valid_to_date > signup_date
)

select * from user_accounts
