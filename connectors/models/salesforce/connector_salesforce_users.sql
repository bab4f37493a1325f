{{ config(enabled=gives('salesforce', 'users')) }}

{%- set values = {
    'user_id': 'user_id',
    'email': 'email',
    'job_title': 'title',
    'country': 'country',
    'state': 'state',
    'city': 'city',
    'acquisition_channel': 'channel',
    'marketing_consent': 'cast(not ' ~ segmentation.to_boolean('opted_out') ~ ' as varchar)',
    'signed_up_at': 'signed_up_at',
    'updated_at': 'updated_at',
    'deleted_at': 'deleted_at',
    'merged_into': 'merged_into',
    'merged_at': 'merged_at',
} %}
{%- set of_contacts = {'account_id': account_of('salesforce', 'account', salesforce_id('people.account_id')), 'department': 'department', 'birth_year': 'left(birthdate, 4)'} %}
{%- do of_contacts.update(values) %}
{%- set reason = "coalesce(reason, case when user_id is null then 'no_user_id' end)" %}
with
people as (
    select * from {{ ref('connector_salesforce_people') }}
),

own_accounts as (
    {{ own_accounts('salesforce', 'account', 'id') }}
),

contacts as (
    select
        {{ as_input('users', of_contacts, 'salesforce', 'contact', left_out=reason) }}
    from people
    where of_table = 'contact'
),

leads as (
    select
        {{ as_input('users', values, 'salesforce', 'lead', left_out=reason) }}
    from people
    where of_table = 'lead'
),

mapped as (
    select * from contacts
    union all
    select * from leads
)

select * from mapped
