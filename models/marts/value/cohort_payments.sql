-- By whom, when and how much is paid, of users since their signup and of accounts since their first payment. A user who
-- pays alone is an account of their own.
with
data_through as (
    select * from {{ ref('data_through') }}
),

users as (
    select
        users.user_id,
        users.account_id,
        {{ segmentation.account_key('users') }} as account_key,
        {{ segmentation.day_of('users.signed_up_at') }} as signup_date,
        cast({{ dbt.date_trunc('month', segmentation.day_of('users.signed_up_at')) }} as date) as signup_month,
        {{ segmentation.day_of('users.deleted_at') }} as deletion_date
    from {{ ref('stg_users') }} as users
    inner join data_through on {{ segmentation.day_of('users.signed_up_at') }} <= data_through.data_through
),

subscriptions as (
    select * from {{ ref('stg_subscriptions') }}
),

payments as (
    select
        invoices.invoice_id,
        {{ segmentation.account_key('invoices') }} as payer_key,
        cast(invoices.amount as double) * {{ segmentation.currency_rate('invoices.currency') }} as amount,
        {{ segmentation.day_of('invoices.paid_at') }} as payment_date,
        cast({{ dbt.date_trunc('month', segmentation.day_of('invoices.paid_at')) }} as date) as payment_month
    from {{ ref('stg_invoices') }} as invoices
    inner join data_through on {{ segmentation.day_of('invoices.paid_at') }} <= data_through.data_through
),

first_days as (
    select min(signup_date) as first_day from users
    union all
    select min({{ segmentation.day_of('started_at') }}) as first_day from subscriptions
),

days as (
    {{ segmentation.date_series(
        '(select min(first_day) from first_days)', '(select max(data_through) from data_through)'
    ) }}
),

month_starts as (
    select cast({{ dbt.date_trunc('month', 'series_date') }} as date) as month_start
    from days
    group by cast({{ dbt.date_trunc('month', 'series_date') }} as date)
),

month_ends as (
    select
        month_start,
        {{ segmentation.days_before('cast(' ~ dbt.dateadd('month', 1, 'month_start') ~ ' as date)', 1) }} as month_end,
        cast(row_number() over (order by month_start) as bigint) as place
    from month_starts
),

months as (
    select
        month_ends.*,
        month_ends.month_end <= data_through.data_through as is_complete
    from month_ends
    cross join data_through
),

-- What an account pays at the end of each month, by the version of each subscription that held then.
subscription_versions as (
    select
        subscriptions.*,
        months.place as month_place,
        months.month_end,
        row_number() over (
            partition by subscriptions.subscription_id, months.place
            order by subscriptions.valid_from desc
        ) as version_place
    from subscriptions
    inner join months on {{ segmentation.day_of('subscriptions.valid_from') }} <= months.month_end
    where months.is_complete
),

account_mrr as (
    select
        {{ segmentation.account_key('subscription_versions') }} as account_key,
        subscription_versions.month_place,
        sum(cast(subscription_versions.mrr as double)) as mrr
    from subscription_versions
    where
        subscription_versions.version_place = 1
        and {{ segmentation.day_of('subscription_versions.started_at') }} <= subscription_versions.month_end
        and (
            subscription_versions.ended_at is null
            or {{ segmentation.day_of('subscription_versions.ended_at') }} > subscription_versions.month_end
        )
        and (
            subscription_versions.trial_ends_at is null
            or coalesce(
                {{ segmentation.day_of('subscription_versions.converted_at') }} <= subscription_versions.month_end,
                false
            )
        )
    group by {{ segmentation.account_key('subscription_versions') }}, subscription_versions.month_place
),

customers as (
    select
        account_key,
        min(month_place) as start_place
    from account_mrr
    where mrr > 0
    group by account_key
),

-- Who is in an account may pay alone, too.
payers as (
    select
        *,
        account_key as payer_key
    from users
    union all
    select
        *,
        'user ' || user_id as payer_key
    from users
    where account_id is not null
),

-- A payment is divided among the users that the account has on its day.
payment_shares as (
    select
        payers.account_key,
        payers.signup_month,
        payments.payment_month,
        payments.amount / count(*) over (partition by payments.invoice_id) as revenue
    from payments
    inner join payers
        on
            payments.payer_key = payers.payer_key
            and payments.payment_date >= payers.signup_date
            and (payers.deletion_date is null or payments.payment_date < payers.deletion_date)
),

cohort_accounts as (
    select
        'signup' as cohort_kind,
        users.account_key,
        months.place as start_place,
        cast(count(*) as double) as units,
        0e0 as base
    from users
    inner join months on users.signup_month = months.month_start
    group by users.account_key, months.place
    union all
    select
        'first_payment' as cohort_kind,
        customers.account_key,
        customers.start_place,
        1e0 as units,
        account_mrr.mrr as base
    from customers
    inner join account_mrr
        on
            customers.account_key = account_mrr.account_key
            and customers.start_place = account_mrr.month_place
),

movements as (
    select
        'signup' as cohort_kind,
        payment_shares.account_key,
        start_months.place as start_place,
        months.place as month_place,
        payment_shares.revenue,
        0e0 as mrr
    from payment_shares
    inner join months as start_months on payment_shares.signup_month = start_months.month_start
    inner join months on payment_shares.payment_month = months.month_start
    union all
    -- What was paid before the first month that ends with a subscription belongs to it.
    select
        'first_payment' as cohort_kind,
        customers.account_key,
        customers.start_place,
        greatest(months.place, customers.start_place) as month_place,
        payments.amount as revenue,
        0e0 as mrr
    from customers
    inner join payments on customers.account_key = payments.payer_key
    inner join months on payments.payment_month = months.month_start
    union all
    select
        'first_payment' as cohort_kind,
        customers.account_key,
        customers.start_place,
        account_mrr.month_place,
        0e0 as revenue,
        account_mrr.mrr
    from customers
    inner join account_mrr
        on
            customers.account_key = account_mrr.account_key
            and customers.start_place <= account_mrr.month_place
    union all
    -- Who brings nothing has a row all the same.
    select
        cohort_kind,
        account_key,
        start_place,
        start_place as month_place,
        0e0 as revenue,
        0e0 as mrr
    from cohort_accounts
),

account_movements as (
    select
        cohort_kind,
        account_key,
        start_place,
        month_place,
        coalesce(sum(revenue), 0e0) as revenue,
        sum(mrr) as mrr
    from movements
    group by cohort_kind, account_key, start_place, month_place
),

cohort_payments as (
    select
        account_movements.cohort_kind,
        account_movements.account_key,
        cast(cohort_accounts.units as bigint) as units,
        cohort_accounts.base,
        account_movements.revenue,
        account_movements.mrr,
        start_months.month_start as cohort_month,
        months.month_start as payment_month,
        data_through.data_through
    from account_movements
    inner join cohort_accounts
        on
            account_movements.cohort_kind = cohort_accounts.cohort_kind
            and account_movements.account_key = cohort_accounts.account_key
            and account_movements.start_place = cohort_accounts.start_place
    inner join months as start_months on account_movements.start_place = start_months.place
    inner join months on account_movements.month_place = months.place
    cross join data_through
    -- Without invoices everybody would have brought nothing.
    where {{ 'true' if segmentation.is_known(['invoices']) else 'false' }}
)

select * from cohort_payments
