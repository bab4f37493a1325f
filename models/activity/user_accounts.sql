-- Which account a user was in when: read here, or in user_dates, which has it per as_of_date. As with every attribute,
-- the last change of a day holds from that day on, and before the first change the account of today is shown.
with
users as (
    select
        user_id,
        account_id,
        {{ segmentation.day_of('signed_up_at') }} as signup_date
    from {{ ref('stg_users') }}
),

account_changes as (
    select
        entity_id as user_id,
        value as account_id,
        {{ segmentation.day_of('valid_from') }} as valid_from_date,
        lead({{ segmentation.day_of('valid_from') }}) over (
            partition by entity_id
            order by valid_from
        ) as valid_to_date
    from {{ ref('stg_attribute_history') }}
    where
        entity = 'user'
        and attribute = 'account_id'
),

first_changes as (
    select
        user_id,
        min(valid_from_date) as first_change_date
    from account_changes
    group by user_id
),

stays as (
    select
        users.user_id,
        users.account_id,
        users.signup_date,
        cast(null as date) as valid_from_date,
        first_changes.first_change_date as valid_to_date
    from users
    left join first_changes on users.user_id = first_changes.user_id
    union all
    select
        users.user_id,
        account_changes.account_id,
        users.signup_date,
        account_changes.valid_from_date,
        account_changes.valid_to_date
    from users
    inner join account_changes on users.user_id = account_changes.user_id
    where account_changes.valid_to_date is null or account_changes.valid_to_date > account_changes.valid_from_date
),

-- A stay that was over before the signup is left out; the one that held then begins with the signup.
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
