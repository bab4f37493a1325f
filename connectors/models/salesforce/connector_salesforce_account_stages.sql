{{ config(enabled=gives('salesforce', 'account_stages')) }}

-- Stages of opportunities are stages of their accounts, from the moment that the stage history records. Without that table only the last
-- change of stage is known, and only where the export has it.
{%- set zone = (connector_setting('salesforce') or {'options': {}}).options.timezone %}
with
opportunities as (
    {{ source_table('salesforce', 'opportunity', {
        'id': 'id', 'account_id': 'account_id', 'stage_name': 'stage_name', 'stage_changed': 'last_stage_change_date',
        'modified': ['last_modified_date', 'system_modstamp'],
    }, key=['id'], newest_by=['modified']) }}
),

stage_history as (
    {{ source_table('salesforce', 'opportunity_history', {
        'id': 'id', 'opportunity_id': 'opportunity_id', 'stage_name': 'stage_name', 'created_date': 'created_date',
    }, key=['id']) }}
),

of_history as (
    select
        opportunities.account_id,
        stage_history.stage_name,
        stage_history.created_date as entered,
        coalesce(
            stage_history.left_out_because,
            case when stage_history.is_deleted or opportunities.is_deleted then 'deleted' end,
            case when opportunities.id is null then 'unknown_opportunity' end,
            case when opportunities.account_id is null then 'no_account' end
        ) as left_out_because
    from stage_history
    left join opportunities
        on
            {{ salesforce_id('stage_history.opportunity_id') }} = {{ salesforce_id('opportunities.id') }}
            and opportunities.left_out_because is null
),

recorded as (
    select distinct {{ salesforce_id('opportunity_id') }} as opportunity_id
    from stage_history
),

of_opportunities as (
    select
        opportunities.account_id,
        opportunities.stage_name,
        opportunities.stage_changed as entered,
        coalesce(
            opportunities.left_out_because,
            case when opportunities.is_deleted then 'deleted' end,
            case when recorded.opportunity_id is not null then 'in_stage_history' end,
            case when opportunities.account_id is null then 'no_account' end,
            case when opportunities.stage_changed is null then 'no_stage_history' end
        ) as left_out_because
    from opportunities
    left join recorded on {{ salesforce_id('opportunities.id') }} = recorded.opportunity_id
),

own_accounts as (
    {{ own_accounts('salesforce', 'account', 'id') }}
),

stages as (
    select * from of_history
    union all
    select * from of_opportunities
),

mapped as (
    select
        {{ as_input('account_stages', {
            'account_id': account_of('salesforce', 'account', salesforce_id('stages.account_id')),
            'stage': 'stage_name',
            'entered_at': time_text('entered', zone),
        }) }}
    from stages
)

select * from mapped
