{{ config(enabled=gives('stripe', 'invoices')) }}

-- What was paid, and what went back: invoices that are paid, and refunds that succeeded, with the account of the customer. A refund knows its
-- charge, and the charge its customer.
with
invoices as (
    {{ source_table('stripe', 'invoice', {
        'id': 'id', 'customer_id': ['customer_id', 'customer'], 'currency': 'currency', 'status': 'status', 'amount': 'amount_paid',
        'is_paid': 'paid', 'subscription_id': [
            'subscription_id', 'subscription', 'parent.subscription_details.subscription', 'parent_subscription_details_subscription'
        ],
        'paid_time': ['status_transitions_paid_at', 'status_transitions.paid_at'], 'created': 'created', 'is_live': 'livemode',
        'version_start': '_fivetran_start',
    }, key=['id']) }}
),

charges as (
    {{ source_table('stripe', 'charge', {'id': 'id', 'customer_id': ['customer_id', 'customer']}, key=['id']) }}
),

refunds as (
    {{ source_table('stripe', 'refund', {
        'id': 'id', 'charge_id': ['charge_id', 'charge'], 'currency': 'currency', 'status': 'status', 'amount': 'amount', 'created': 'created',
    }, key=['id']) }}
),

customers as (
    select * from {{ ref('connector_stripe_customers') }}
),

movements as (
    select
        'invoice' as kind, id, customer_id, subscription_id, currency,
        {{ stripe_amount('amount', 'currency') }} as amount,
        {{ time_text('paid_time') }} as paid_at,
        coalesce(
            left_out_because,
            case when is_deleted then 'deleted' end,
            case when is_live is not null and not {{ flag('is_live') }} then 'test_mode' end,
            case when coalesce(status = 'paid', {{ flag('is_paid') }}) then null else 'not_paid' end
        ) as reason
    from invoices
    union all
    select
        'refund' as kind, refunds.id, charges.customer_id, cast(null as varchar) as subscription_id, refunds.currency,
        -{{ stripe_amount('refunds.amount', 'refunds.currency') }} as amount,
        {{ time_text('refunds.created') }} as paid_at,
        coalesce(
            refunds.left_out_because,
            case when refunds.status is distinct from 'succeeded' then 'not_succeeded' end,
            case when charges.customer_id is null then 'unknown_charge' end
        ) as reason
    from refunds
    left join charges on refunds.charge_id = charges.id and charges.left_out_because is null
),

payments as (
    select
        movements.*,
        customers.user_id,
        coalesce(customers.account_id, case when customers.user_id is null then movements.customer_id end) as account_id
    from movements
    left join customers on movements.customer_id = customers.customer_id
)

select * from payments
