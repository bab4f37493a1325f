{{ config(enabled=gives('stripe', 'invoices')) }}

with
payments as (
    select * from {{ ref('connector_stripe_payments') }}
),

mapped as (
    select
        {{ as_input('invoices', {
            'invoice_id': 'id',
            'account_id': 'account_id',
            'user_id': 'user_id',
            'amount': 'cast(cast(amount as decimal(20, 4)) as varchar)',
            'currency': 'upper(currency)',
            'paid_at': 'paid_at',
        }, left_out='reason') }}
    from payments
)

select * from mapped
