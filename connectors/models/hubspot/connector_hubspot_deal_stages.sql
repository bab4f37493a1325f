{{ config(enabled=gives('hubspot', 'account_stages') and connector_setting('hubspot').options.get('account_stages') == 'deals') }}

-- The stages of deals by their labels, each since its time, with the company of the deal. Fivetran lands the stages as a table of their
-- own, Airbyte as a property; a deal that is in both is read from the first.
with
deals as (
    {{ source_table('hubspot', 'deal', {
        'id': ['deal_id', 'id'],
        'companies': ['companies', 'associations.companies'],
        'modified': hubspot_names('hs_lastmodifieddate') + ['updated_at'],
    }, key=['id'], newest_by=['modified']) }}
),

links as (
    {{ source_table('hubspot', 'deal_company', {
        'deal_id': 'deal_id', 'company_id': 'company_id', 'type_id': 'type_id',
    }, key=['deal_id', 'company_id', 'type_id']) }}
),

-- Type 5 marks the primary company of a deal.
companies_of_links as (
    select deal_id, arg_min(company_id, ((type_id is distinct from '5')::integer, length(company_id), company_id)) as company_id
    from links
    where left_out_because is null and not is_deleted and company_id is not null
    group by deal_id
),

companies_of_deals as (
    select
        deals.id as deal_id,
        coalesce(
            companies_of_links.company_id,
            case when json_valid(deals.companies) then json_extract_string(deals.companies, '$[0]') end
        ) as company_id,
        deals.is_deleted
    from deals
    left join companies_of_links on deals.id = companies_of_links.deal_id
    where deals.left_out_because is null
),

merged as (
    {{ source_table('hubspot', 'merged_deal', {'deal_id': 'merged_deal_id'}) }}
),

stage_rows as (
    {{ source_table('hubspot', 'deal_pipeline_stage', {'stage_id': 'stage_id', 'label': 'label'}, key=['stage_id']) }}
),

pipelines as (
    {{ source_table('hubspot', 'deal_pipeline', {'id': ['pipeline_id', 'id'], 'stages': 'stages'}, key=['id']) }}
),

stages_of_pipelines as (
    select unnest(json_extract(stages, '$[*]')) as stage
    from pipelines
    where left_out_because is null and json_valid(stages)
),

all_labels as (
    select stage_id, label
    from stage_rows
    where left_out_because is null
    union all
    select
        coalesce(json_extract_string(stage, '$.stageId'), json_extract_string(stage, '$.id')) as stage_id,
        json_extract_string(stage, '$.label') as label
    from stages_of_pipelines
),

labels as (
    select stage_id, min(label) as label
    from all_labels
    group by stage_id
),

of_stages as (
    {{ source_table('hubspot', 'deal_stage', {
        'deal_id': 'deal_id', 'stage_id': 'value', 'changed': 'date_entered',
    }, key=['deal_id', 'stage_id', 'changed']) }}
),

of_history as (
    {{ source_table('hubspot', 'deal_property_history', {
        'deal_id': ['deal_id', 'hs_object_id'], 'field': ['name', 'property'], 'stage_id': 'value', 'changed': 'timestamp',
    }, key=['deal_id', 'field', 'changed']) }}
),

deals_with_stages as (
    select distinct deal_id from of_stages
),

recorded as (
    select deal_id, stage_id, changed, left_out_because as reason from of_stages
    union all
    select
        of_history.deal_id,
        of_history.stage_id,
        of_history.changed,
        coalesce(
            of_history.left_out_because,
            case when regexp_replace(of_history.field, '^property_', '') is distinct from 'dealstage' then 'other_property' end,
            case when deals_with_stages.deal_id is not null then 'in_stage_history' end
        ) as reason
    from of_history
    left join deals_with_stages on of_history.deal_id = deals_with_stages.deal_id
),

judged as (
    select
        companies_of_deals.company_id,
        recorded.changed,
        coalesce(labels.label, recorded.stage_id) as stage,
        coalesce(
            recorded.reason,
            case when companies_of_deals.deal_id is null then 'unknown_deal' end,
            case when companies_of_deals.is_deleted then 'deleted' end,
            case when recorded.deal_id in (select merged.deal_id from merged) then 'merged' end,
            case when recorded.stage_id is null then 'cleared' end,
            case when companies_of_deals.company_id is null then 'no_account' end
        ) as reason
    from recorded
    left join companies_of_deals on recorded.deal_id = companies_of_deals.deal_id
    left join labels on recorded.stage_id = labels.stage_id
)

select * from judged
