-- Every account with users on the newest date has a row with all of them; the lowest health is not above the mean, and
-- both are NULL exactly where nobody is.
with
account_health as (
    select * from {{ ref('account_health') }}
),

account_users as (
    select
        user_features.account_id,
        count(*) as users
    from {{ ref('user_features') }} as user_features
    inner join {{ ref('data_through') }} as data_through on user_features.as_of_date = data_through.data_through
    where user_features.account_id is not null
    group by user_features.account_id
),

failures as (
    select
        'account_health: account ' || coalesce(account_users.account_id, account_health.account_id) || ' has '
        || coalesce(cast(account_users.users as {{ dbt.type_string() }}), 'no') || ' users and '
        || coalesce(cast(account_health.users as {{ dbt.type_string() }}), 'no row')
        || ' here, or its health is out of order.' as message
    from account_users
    full outer join account_health on account_users.account_id = account_health.account_id
    where
        coalesce(account_users.users, 0) is distinct from account_health.users
        or not coalesce(
            account_health.lowest_health <= account_health.mean_health + 1e-9
            and account_health.active_users <= account_health.users,
            account_health.users = 0 and account_health.mean_health is null and account_health.band = 'no_users'
        )
)

select * from failures
