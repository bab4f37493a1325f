{{ config(enabled=gives('hubspot', 'account_stages')) }}

-- The life cycle stage of a company, each since its time, or, by the option `account_stages`, the stages of its deals.
{%- set setting = connector_setting('hubspot') or {'options': {}} %}
{%- set zone = setting.options.timezone %}
{%- set whose = setting.options.get('account_stages') or 'lifecycle' %}
{%- if whose not in ['lifecycle', 'deals'] %}
    {{ exceptions.raise_compiler_error('connectors: hubspot: account_stages is lifecycle or deals, not ' ~ whose ~ '.') }}
{%- endif %}
with
changes as (
    {%- if whose == 'deals' %}
    select company_id, stage, changed, reason from {{ ref('connector_hubspot_deal_stages') }}
    {%- else %}
    select
        company_id,
        stage,
        changed,
        coalesce(
            left_out_because,
            case when field is distinct from 'lifecyclestage' then 'other_property' end,
            case when stage is null then 'cleared' end
        ) as reason
    from ({{ source_table('hubspot', 'company_property_history', {
        'company_id': ['company_id', 'companyId', 'hs_object_id'], 'field': ['name', 'property'], 'stage': 'value', 'changed': 'timestamp',
    }, key=['company_id', 'field', 'changed']) }}) as history
    {%- endif %}
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
            reason,
            case when " ~ account_of('hubspot', 'company', 'changes.company_id') ~ " is null then 'no_account_id' end
        )") }}
    from changes
)

select * from mapped
