{{ config(enabled=gives('hubspot', 'users')) }}

-- Somebody who did not opt out has not therefore agreed: marketing_consent is false or NULL.
with
people as (
    select * from {{ ref('connector_hubspot_people') }}
),

own_accounts as (
    {{ own_accounts('hubspot', 'company', ['id', 'company_id']) }}
),

mapped as (
    select
        {{ as_input('users', {
            'user_id': 'user_id',
            'account_id': account_of('hubspot', 'company', 'people.company_id'),
            'email': 'email',
            'job_title': 'job_title',
            'gender': 'gender',
            'language': 'language',
            'country': 'country',
            'state': 'state',
            'city': 'city',
            'acquisition_channel': 'source',
            'marketing_consent': "case when " ~ flag('opted_out') ~ " then 'false' end",
            'signed_up_at': 'signed_up_at',
            'updated_at': 'updated_at',
            'deleted_at': 'deleted_at',
            'merged_into': 'merged_into',
            'merged_at': 'merged_at',
        }, 'hubspot', 'contact', left_out='reason') }}
    from people
)

select * from mapped
