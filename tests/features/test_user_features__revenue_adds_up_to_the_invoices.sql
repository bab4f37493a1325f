-- Shared out among its users, what an account paid by the newest date still adds up to its invoices with what its users
-- paid alone; and all invoices together are what users have and what amounts_by_owner says that nobody owns.
with
value_features as (
    select * from {{ ref('user_features') }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

payments as (
    select
        invoices.account_id,
        invoices.user_id,
        cast(invoices.amount as double) * {{ segmentation.currency_rate('invoices.currency') }} as amount
    from invoices
    inner join data_through on {{ segmentation.day_of('invoices.paid_at') }} <= data_through.data_through
),

-- What a user paid alone belongs to where the user is.
placed_payments as (
    select
        coalesce(payments.account_id, user_dates.account_id) as account_id,
        payments.amount
    from payments
    cross join data_through
    left join user_dates
        on
            payments.account_id is null
            and payments.user_id = user_dates.user_id
            and data_through.data_through = user_dates.as_of_date
    where
        payments.account_id is not null
        or user_dates.user_id is not null
),

paid as (
    select
        account_id,
        sum(amount) as amount,
        sum(abs(amount)) as size
    from placed_payments
    group by account_id
),

shared_out as (
    select
        user_dates.account_id,
        sum(value_features.lifetime_revenue) as amount
    from user_dates
    inner join data_through on user_dates.as_of_date = data_through.data_through
    inner join value_features
        on
            user_dates.user_id = value_features.user_id
            and user_dates.as_of_date = value_features.as_of_date
    group by user_dates.account_id
),

amounts as (
    select
        coalesce(sum(amount), 0e0) as amount,
        coalesce(sum(case when owner_kind = 'users' then amount end), 0e0) as amount_of_users
    from {{ ref('amounts_by_owner') }}
    where input = 'invoices'
),

totals as (
    select coalesce(sum(amount), 0e0) as paid from payments
),

shared_totals as (
    select coalesce(sum(amount), 0e0) as amount from shared_out
),

failures as (
    select
        'user_value_features: the users of account ' || coalesce(shared_out.account_id, '(none)') || ' have a lifetime'
        || ' revenue of ' || cast(shared_out.amount as {{ dbt.type_string() }}) || ' together, its invoices come to '
        || cast(coalesce(paid.amount, 0) as {{ dbt.type_string() }})
        || '. Look for users who are counted twice or left out in models/features/user_value_features.sql.' as message
    from shared_out
    left join paid on shared_out.account_id is not distinct from paid.account_id
    where
        not {{ segmentation.are_equal_sums('shared_out.amount', 'coalesce(paid.amount, 0)', 'coalesce(paid.size, 0)') }}
    union all
    select
        'amounts_by_owner: invoices come to ' || cast(totals.paid as {{ dbt.type_string() }}) || ', here to '
        || cast(amounts.amount as {{ dbt.type_string() }}) || '; of these '
        || cast(amounts.amount_of_users as {{ dbt.type_string() }}) || ' belong to users, who have '
        || cast(shared_totals.amount as {{ dbt.type_string() }}) || '.' as message
    from amounts
    cross join totals
    cross join shared_totals
    where
        abs(amounts.amount - totals.paid) > 1e-6 * greatest(1, abs(totals.paid))
        or abs(amounts.amount_of_users - shared_totals.amount) > 1e-6 * greatest(1, abs(totals.paid))
)

select * from failures
