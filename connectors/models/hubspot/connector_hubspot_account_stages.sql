{{ config(enabled=gives('hubspot', 'account_stages')) }}

-- The life cycle stage of a company, each since its time.
{%- set zone = (connector_setting('hubspot') or {'options': {}}).options.timezone %}
with
changes as (
    {{ source_table('hubspot', 'company_property_history', {
        'company_id': ['company_id', 'companyId', 'hs_object_id'], 'field': ['name', 'property'], 'stage': 'value', 'changed': 'timestamp',
    }, key=['company_id', 'field', 'changed']) }}
),

own_accounts as (
    {{ own_accounts('hubspot', 'company', ['id', 'company_id']) }}
),

mapped as (
    select
        {{ as_input('account_stages', {
            'account_id': account_of('hubspot', 'company', 'changes.company_id'),
            'stage': 'stage',
            'entered_at': time_text('changed', zone),
        }, left_out="coalesce(
            left_out_because,
            case when field is distinct from 'lifecyclestage' then 'other_property' end,
            case when stage is null then 'cleared' end,
            case when " ~ account_of('hubspot', 'company', 'changes.company_id') ~ " is null then 'no_account_id' end
        )") }}
    from changes
)

select * from mapped
