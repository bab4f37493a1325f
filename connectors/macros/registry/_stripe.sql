{# Stripe: see docs/connectors/stripe.md. #}
{% macro _stripe() %}
    {{ return({
        'label': 'Stripe',
        'gives': {'subscriptions': ['subscription'], 'invoices': ['invoice']},
        'options': {
            'account_key': 'the metadata of a customer or subscription that holds your account id; default: account_id',
            'user_key': 'the metadata that holds your user id, of users who pay alone; default: user_id',
        },
        'tables': {
            'subscription': {'names': ['subscriptions', 'subscription_history'], 'needs': [['id'], ['customer_id', 'customer'], ['status']]},
            'subscription_item': {'names': ['subscription_items'], 'needs': [['id'], ['subscription_id', 'subscription']]},
            'subscription_discount': {'names': ['subscription_discounts'], 'needs': [['subscription_id', 'subscription'], ['coupon_id', 'coupon']]},
            'coupon': {'names': ['coupons'], 'needs': [['id']]},
            'price': {'names': ['prices'], 'needs': [['id']]},
            'plan': {'names': ['plans'], 'needs': [['id']]},
            'product': {'names': ['products'], 'needs': [['id']]},
            'customer': {'names': ['customers'], 'needs': [['id']]},
            'invoice': {'names': ['invoices'], 'needs': [['id'], ['customer_id', 'customer'], ['amount_paid'], ['currency']]},
            'charge': {'names': ['charges'], 'needs': [['id'], ['customer_id', 'customer']]},
            'refund': {'names': ['refunds'], 'needs': [['id'], ['charge_id', 'charge'], ['amount'], ['currency']]},
        },
    }) }}
{% endmacro %}
