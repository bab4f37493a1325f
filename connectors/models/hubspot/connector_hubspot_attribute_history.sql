{{ config(enabled=gives('hubspot', 'attribute_history')) }}

-- Property history: each value since its time, the first one too. An empty value says that the property was cleared.
{%- set zone = (connector_setting('hubspot') or {'options': {}}).options.timezone %}
with
contact_changes as (
    {{ source_table('hubspot', 'contact_property_history', {
        'entity_id': ['contact_id', 'vid', 'hs_object_id'], 'field': ['name', 'property'], 'new_value': 'value', 'changed': 'timestamp',
    }, key=['entity_id', 'field', 'changed']) }}
),

company_changes as (
    {{ source_table('hubspot', 'company_property_history', {
        'entity_id': ['company_id', 'companyId', 'hs_object_id'], 'field': ['name', 'property'], 'new_value': 'value', 'changed': 'timestamp',
    }, key=['entity_id', 'field', 'changed']) }}
),

people as (
    {%- if gives('hubspot', 'users') %}
    select id, user_id, reason from {{ ref('connector_hubspot_people') }}
    where reason is distinct from 'older_version'
    {%- else %}
    select cast(null as varchar) as id, cast(null as varchar) as user_id, cast(null as varchar) as reason
    where false
    {%- endif %}
),

owners as (
    {{ source_table('hubspot', 'owner', {
        'id': ['owner_id', 'id'], 'first_name': ['first_name', 'firstName'], 'last_name': ['last_name', 'lastName'], 'email': 'email',
    }, key=['id']) }}
),

own_accounts as (
    {{ own_accounts('hubspot', 'company', ['id', 'company_id']) }}
),

of_users as (
    select
        'user' as entity,
        people.user_id as entity_id,
        {{ history_fields('hubspot', 'contact', "regexp_replace(contact_changes.field, '^property_', '')", {
            'jobtitle': 'job_title', 'gender': 'gender', 'hs_language': 'language', 'country': 'country', 'state': 'state', 'city': 'city',
            'hs_analytics_source': 'acquisition_channel', 'associatedcompanyid': 'account_id',
        }, 'users') }} as attribute,
        contact_changes.new_value,
        contact_changes.changed,
        coalesce(
            contact_changes.left_out_because,
            case when people.id is null then 'unknown_contact' end,
            people.reason,
            case when people.user_id is null then 'no_user_id' end
        ) as reason
    from contact_changes
    left join people on contact_changes.entity_id = people.id
),

of_accounts as (
    select
        'account' as entity,
        {{ account_of('hubspot', 'company', 'company_changes.entity_id') }} as entity_id,
        {{ history_fields('hubspot', 'company', "regexp_replace(company_changes.field, '^property_', '')", {
            'industry': 'industry', 'numberofemployees': 'employee_count', 'annualrevenue': 'annual_revenue',
            'hubspot_owner_id': 'account_owner',
        }, 'accounts') }} as attribute,
        case
            when company_changes.field = 'hubspot_owner_id'
                then coalesce(nullif(concat_ws(' ', owners.first_name, owners.last_name), ''), owners.email, company_changes.new_value)
            else company_changes.new_value
        end as new_value,
        company_changes.changed,
        company_changes.left_out_because as reason
    from company_changes
    left join owners on company_changes.new_value = owners.id and owners.left_out_because is null
),

changes as (
    select * from of_users
    union all
    select * from of_accounts
),

mapped as (
    select
        {{ as_input('attribute_history', {
            'entity': 'entity',
            'entity_id': 'entity_id',
            'attribute': 'attribute',
            'value': "case when attribute = 'account_id' then " ~ account_of('hubspot', 'company', 'changes.new_value') ~ ' else new_value end',
            'valid_from': time_text('changed', zone),
        }, left_out="coalesce(
            reason,
            case when attribute is null then 'other_property' end,
            case when entity = 'account' and entity_id is null then 'no_account_id' end
        )") }}
    from changes
)

select * from mapped
