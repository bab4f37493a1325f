{{ config(enabled=gives('hubspot', 'accounts')) }}

{%- set zone = (connector_setting('hubspot') or {'options': {}}).options.timezone %}
with
companies as (
    {{ source_table('hubspot', 'company', {
        'id': ['id', 'company_id'],
        'name': hubspot_names('name'),
        'industry': hubspot_names('industry'),
        'employees': hubspot_names('numberofemployees'),
        'revenue': hubspot_names('annualrevenue'),
        'country': hubspot_names('country'),
        'owner_id': hubspot_names('hubspot_owner_id'),
        'merged_ids': hubspot_names('hs_merged_object_ids'),
        'merged_vids': ['merged_vids'],
        'created': hubspot_names('createdate') + ['created_at'],
        'modified': hubspot_names('hs_lastmodifieddate') + ['updated_at'],
    }, key=['id'], newest_by=['modified']) }}
),

merged as (
    {{ hubspot_merged('companies') }}
),

owners as (
    {{ source_table('hubspot', 'owner', {
        'id': ['owner_id', 'id'], 'first_name': ['first_name', 'firstName'], 'last_name': ['last_name', 'lastName'], 'email': 'email',
    }, key=['id']) }}
),

owned as (
    select
        companies.* exclude (left_out_because),
        coalesce(nullif(concat_ws(' ', owners.first_name, owners.last_name), ''), owners.email, companies.owner_id) as owner_name,
        {{ time_text('companies.created', zone) }} as created_at,
        {{ time_text('companies.modified', zone) }} as updated_at,
        coalesce(
            companies.left_out_because,
            case when merged.merged_id is not null then 'merged' end
        ) as reason
    from companies
    left join merged on companies.id = merged.merged_id
    left join owners on companies.owner_id = owners.id and owners.left_out_because is null
)

select * from owned
