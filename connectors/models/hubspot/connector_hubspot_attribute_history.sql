{{ config(enabled=gives('hubspot', 'attribute_history')) }}

-- Property history: each value since its time, the first one too. An empty value says that the property was cleared. And members of lists,
-- for the attributes that the option `lists` names.
{%- set options = (connector_setting('hubspot') or {'options': {}}).options %}
{%- set zone = options.timezone %}
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

lists as (
    {{ source_table('hubspot', 'contact_list', {
        'id': ['contact_list_id', 'list_id', 'id'], 'internal_id': 'internal_list_id', 'name': 'name',
    }, key=['id']) }}
),

-- Fivetran: since when somebody is a member, and by when no longer. Airbyte: the last change of a membership.
members as (
    {{ source_table('hubspot', 'contact_list_member', {
        'contact_id': ['contact_id', 'canonical_vid', 'vid'], 'list_id': ['contact_list_id', 'static_list_id'],
        'internal_id': 'internal_list_id', 'is_member': 'is_member', 'changed': ['added_at', 'timestamp'],
    }, key=['contact_id', 'list_id', 'internal_id']) }}
),

named_members as (
    select
        members.*,
        case
            {%- for attribute, list in options.get('lists', {}).items() %}
            when {{ segmentation.text_literal(list | string) }} in (members.list_id, members.internal_id, lists.name) then {{ segmentation.text_literal(attribute) }}
            {%- endfor %}
            when false then ''
        end as attribute
    from members
    left join lists
        on
            lists.left_out_because is null
            and (members.list_id = lists.id or (members.list_id is null and members.internal_id = lists.internal_id))
),

-- Who left a list was a member before: two rows, if it is known when that began.
member_changes as (
    select contact_id, attribute, changed, not ({{ flag("coalesce(is_member, 'true')") }}) as has_left, left_out_because
    from named_members
    union all
    select contact_id, attribute, loaded_at as changed, true as has_left, left_out_because
    from named_members
    where is_deleted
),

-- What is known of contacts, by either.
of_contacts as (
    select
        entity_id as contact_id,
        {{ history_fields('hubspot', 'contact', "regexp_replace(contact_changes.field, '^property_', '')", {
            'jobtitle': 'job_title', 'gender': 'gender', 'hs_language': 'language', 'country': 'country', 'state': 'state', 'city': 'city',
            'hs_analytics_source': 'acquisition_channel', 'associatedcompanyid': 'account_id',
        }, 'users') }} as attribute,
        new_value,
        changed,
        left_out_because
    from contact_changes
    union all
    select
        contact_id,
        attribute,
        cast(not has_left as varchar) as new_value,
        changed,
        coalesce(left_out_because, case when attribute is null then 'other_list' end) as left_out_because
    from member_changes
),

of_users as (
    select
        'user' as entity,
        people.user_id as entity_id,
        of_contacts.attribute,
        of_contacts.new_value,
        of_contacts.changed,
        coalesce(
            of_contacts.left_out_because,
            case when people.id is null then 'unknown_contact' end,
            people.reason,
            case when people.user_id is null then 'no_user_id' end
        ) as reason
    from of_contacts
    left join people on of_contacts.contact_id = people.id
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
