{{ config(enabled=gives('hubspot', 'accounts')) }}

with
companies as (
    select * from {{ ref('connector_hubspot_companies') }}
),

mapped as (
    select
        {{ as_input('accounts', {
            'account_id': 'id',
            'account_name': 'name',
            'industry': 'industry',
            'employee_count': 'employees',
            'annual_revenue': 'revenue',
            'country': 'country',
            'account_owner': 'owner_name',
            'created_at': 'created_at',
            'updated_at': 'updated_at',
        }, 'hubspot', 'company', left_out='reason') }}
    from companies
)

select * from mapped
