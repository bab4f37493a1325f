{{ config(enabled=gives('salesforce', 'accounts')) }}

{%- set zone = (connector_setting('salesforce') or {'options': {}}).options.timezone %}
with
accounts as (
    {{ source_table('salesforce', 'account', {
        'id': 'id', 'name': 'name', 'industry': 'industry', 'employees': 'number_of_employees', 'revenue': 'annual_revenue',
        'country': ['billing_country_code', 'billing_country'], 'owner_id': 'owner_id', 'master_record_id': 'master_record_id',
        'created_date': 'created_date', 'modified': ['last_modified_date', 'system_modstamp'],
    }, key=['id'], newest_by=['modified']) }}
),

-- Those who work with Salesforce, not your users.
colleagues as (
    {{ source_table('salesforce', 'user', {'id': 'id', 'name': 'name'}, key=['id']) }}
),

owned as (
    select
        accounts.*,
        coalesce(colleagues.name, accounts.owner_id) as owner_name
    from accounts
    left join colleagues
        on {{ salesforce_id('accounts.owner_id') }} = {{ salesforce_id('colleagues.id') }} and colleagues.left_out_because is null
),

mapped as (
    select
        {{ as_input('accounts', {
            'account_id': salesforce_id('id'),
            'account_name': 'name',
            'industry': 'industry',
            'employee_count': 'employees',
            'annual_revenue': 'revenue',
            'country': 'country',
            'account_owner': 'owner_name',
            'created_at': time_text('created_date', zone),
            'updated_at': time_text('modified', zone),
        }, 'salesforce', 'account',
            left_out="coalesce(left_out_because, case when master_record_id is not null then 'merged' end)") }}
    from owned
)

select * from mapped
