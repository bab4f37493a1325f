{{ config(enabled=gives('stripe', 'subscriptions') or gives('stripe', 'invoices')) }}

-- Which account a customer is: the metadata that names it, else the customer's own id.
{%- set setting = connector_setting('stripe') or {'options': {}} %}
{%- set key = setting.options.get('account_key') or 'account_id' %}
with
customers as (
    {{ source_table('stripe', 'customer', {'id': 'id', 'metadata_id': ['metadata.' ~ key]}, key=['id']) }}
),

named as (
    select id as customer_id, {{ own_or('stripe', 'customer', 'account_id', 'metadata_id') }} as account_id
    from customers
    where left_out_because is null
)

select * from named
