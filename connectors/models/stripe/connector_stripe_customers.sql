{{ config(enabled=gives('stripe', 'subscriptions') or gives('stripe', 'invoices')) }}

-- Whom a customer is: the account that the metadata names, or the user who pays alone.
{%- set setting = connector_setting('stripe') or {'options': {}} %}
{%- set account_key = setting.options.get('account_key') or 'account_id' %}
{%- set user_key = setting.options.get('user_key') or 'user_id' %}
with
customers as (
    {{ source_table('stripe', 'customer', {
        'id': 'id', 'metadata_account': ['metadata.' ~ account_key], 'metadata_user': ['metadata.' ~ user_key],
    }, key=['id']) }}
),

named as (
    select
        id as customer_id,
        {{ own_or('stripe', 'customer', 'account_id', 'metadata_account') }} as account_id,
        {{ own_or('stripe', 'customer', 'user_id', 'metadata_user') }} as user_id
    from customers
    where left_out_because is null
)

select * from named
