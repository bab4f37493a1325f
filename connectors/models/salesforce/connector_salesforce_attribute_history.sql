{{ config(enabled=gives('salesforce', 'attribute_history')) }}

-- Field history: the new value holds from the change on, and the old value of the first change held from the beginning. Only fields that are
-- an attribute of the input count, and a look-up only where it shows what the attribute holds: Salesforce may write a second row with the
-- name beside the id, or the id beside the name.
{%- set zone = (connector_setting('salesforce') or {'options': {}}).options.timezone %}
with
contact_changes as (
    {{ source_table('salesforce', 'contact_history', {
        'id': 'id', 'entity_id': 'contact_id', 'field': 'field', 'old_value': 'old_value', 'new_value': 'new_value',
        'created_date': 'created_date',
    }, key=['id']) }}
),

account_changes as (
    {{ source_table('salesforce', 'account_history', {
        'id': 'id', 'entity_id': 'account_id', 'field': 'field', 'old_value': 'old_value', 'new_value': 'new_value',
        'created_date': 'created_date',
    }, key=['id']) }}
),

-- Whole versions instead: history mode, or a snapshot.
contact_versions as (
    {{ source_table('salesforce', 'contact_versions', {
        'id': 'id', 'version_from': ['_fivetran_start', 'dbt_valid_from'], 'job_title': 'title', 'department': 'department',
        'country': ['mailing_country_code', 'mailing_country'], 'state': ['mailing_state', 'mailing_state_code'],
        'city': 'mailing_city', 'acquisition_channel': 'lead_source', 'account_id': 'account_id',
    }) }}
),

account_versions as (
    {{ source_table('salesforce', 'account_versions', {
        'id': 'id', 'version_from': ['_fivetran_start', 'dbt_valid_from'], 'industry': 'industry',
        'employee_count': 'number_of_employees', 'annual_revenue': 'annual_revenue',
    }) }}
),

contact_version_changes as (
    {{ segmentation.version_changes('contact_versions', 'id', 'version_from', [
        'job_title', 'department', 'country', 'state', 'city', 'acquisition_channel', 'account_id',
    ]) }}
),

account_version_changes as (
    {{ segmentation.version_changes('account_versions', 'id', 'version_from', ['industry', 'employee_count', 'annual_revenue']) }}
),

people as (
    {%- if gives('salesforce', 'users') %}
    select * from {{ ref('connector_salesforce_people') }}
    where of_table = 'contact' and left_out_because is null
    {%- else %}
    select
        cast(null as varchar) as person_id, cast(null as varchar) as user_id, cast(null as varchar) as signed_up_at,
        cast(null as varchar) as country_code, cast(null as varchar) as reason
    where false
    {%- endif %}
),

accounts as (
    {%- if gives('salesforce', 'accounts') %}
    select * from {{ ref('connector_salesforce_accounts') }}
    where left_out_because is null
    {%- else %}
    select cast(null as varchar) as account_id, cast(null as varchar) as created_at where false
    {%- endif %}
),

own_accounts as (
    {{ own_accounts('salesforce', 'account', 'id') }}
),

named_changes as (
    select
        account_changes.*,
        {{ account_of('salesforce', 'account', salesforce_id('account_changes.entity_id')) }} as named_id
    from account_changes
),

of_users as (
    select
        'user' as entity,
        people.user_id as entity_id,
        contact_changes.* exclude (entity_id, left_out_because),
        {{ history_fields('salesforce', 'contact', 'contact_changes.field', {
            'Title': 'job_title', 'Department': 'department', 'MailingCountryCode': 'country', 'MailingCountry': 'country',
            'MailingState': 'state', 'MailingCity': 'city', 'LeadSource': 'acquisition_channel', 'Account': 'account_id',
            'AccountId': 'account_id',
        }, 'users') }} as attribute,
        people.signed_up_at as since,
        coalesce(
            contact_changes.left_out_because,
            case when contact_changes.is_deleted then 'deleted' end,
            case when people.person_id is null then 'unknown_contact' end,
            people.reason,
            case when people.user_id is null then 'no_user_id' end,
            -- The attribute is the code where there is one.
            case when lower(contact_changes.field) = 'mailingcountry' and people.country_code is not null then 'name_beside_code' end
        ) as left_out_because
    from contact_changes
    left join people on {{ salesforce_id('contact_changes.entity_id') }} = people.person_id
),

of_accounts as (
    select
        'account' as entity,
        account_changes.named_id as entity_id,
        account_changes.* exclude (entity_id, named_id, left_out_because),
        {{ history_fields('salesforce', 'account', 'account_changes.field', {
            'Industry': 'industry', 'NumberOfEmployees': 'employee_count', 'AnnualRevenue': 'annual_revenue', 'Owner': 'account_owner',
        }, 'accounts') }} as attribute,
        accounts.created_at as since,
        coalesce(
            account_changes.left_out_because,
            case when account_changes.is_deleted then 'deleted' end,
            case when accounts.account_id is null then 'unknown_account' end
        ) as left_out_because
    from named_changes as account_changes
    left join accounts on account_changes.named_id = accounts.account_id
),

changes as (
    select * from of_users
    union all by name
    select * from of_accounts
),

judged as (
    select
        * exclude (left_out_because),
        coalesce(
            left_out_because,
            case when attribute is null then 'other_field' end,
            case
                when attribute = 'account_id' and not coalesce(starts_with(coalesce(new_value, old_value), '001'), false)
                    then 'name_beside_id'
                when attribute = 'account_owner' and regexp_matches(coalesce(new_value, old_value, ''), '^005[a-zA-Z0-9]{12,15}$')
                    then 'id_beside_name'
            end
        ) as left_out_because
    from changes
),

-- What held before the first change.
first_values as (
    select
        entity,
        entity_id,
        attribute,
        min_by(old_value, ({{ time_value('created_date', zone) }}, id)) as old_value,
        any_value(since) as since
    from judged
    where left_out_because is null and since is not null
    group by entity, entity_id, attribute
),

-- The first version held from the beginning of the record. Where the field is tracked, its history says it more exactly.
versions_of_all as (
    select
        'user' as entity,
        people.user_id as entity_id,
        changes.*,
        people.signed_up_at as since,
        coalesce(
            case when people.person_id is null then 'unknown_contact' end,
            people.reason,
            case when people.user_id is null then 'no_user_id' end
        ) as reason
    from contact_version_changes as changes
    left join people on {{ salesforce_id('changes.record_id') }} = people.person_id
    union all
    select
        'account' as entity,
        {{ account_of('salesforce', 'account', salesforce_id('changes.record_id')) }} as entity_id,
        changes.*,
        accounts.created_at as since,
        case when accounts.account_id is null then 'unknown_account' end as reason
    from account_version_changes as changes
    left join accounts on {{ account_of('salesforce', 'account', salesforce_id('changes.record_id')) }} = accounts.account_id
),

versions_held as (
    select
        versions_of_all.entity,
        versions_of_all.entity_id,
        versions_of_all.attribute,
        versions_of_all.held,
        case
            when versions_of_all.is_first and {{ time_value('versions_of_all.since', zone) }} < {{ time_value('versions_of_all.version_from') }}
                then versions_of_all.since
            else {{ time_text('versions_of_all.version_from') }}
        end as valid_from,
        coalesce(
            versions_of_all.reason, case when first_values.entity is not null then 'tracked_field' end
        ) as left_out_because
    from versions_of_all
    left join first_values
        on
            versions_of_all.entity = first_values.entity
            and versions_of_all.entity_id = first_values.entity_id
            and versions_of_all.attribute = first_values.attribute
),

values_held as (
    select entity, entity_id, attribute, new_value as held, {{ time_text('created_date', zone) }} as valid_from, left_out_because
    from judged
    union all
    select entity, entity_id, attribute, old_value as held, since as valid_from, cast(null as varchar) as left_out_because
    from first_values
    union all
    select entity, entity_id, attribute, held, valid_from, left_out_because
    from versions_held
),

mapped as (
    select
        {{ as_input('attribute_history', {
            'entity': 'entity',
            'entity_id': 'entity_id',
            'attribute': 'attribute',
            'value': 'case when attribute = \'account_id\' then ' ~ account_of('salesforce', 'account', salesforce_id('values_held.held')) ~ ' else held end',
            'valid_from': 'valid_from',
        }) }}
    from values_held
)

select * from mapped
