{{ config(enabled=gives('salesforce', 'users')) }}

-- Contacts and leads with the id that they have as users. A lead that was converted is its contact, and a record that was merged into
-- another one is that one; neither is a user of its own, but for a contact that had an id of its own in the product: it is a user until then.
{%- set zone = (connector_setting('salesforce') or {'options': {}}).options.timezone %}
{%- set lead_id = 'cast(null as varchar)' if own_or('salesforce', 'contact', 'user_id', '') else salesforce_id('leads.id') %}
with
contacts as (
    {{ source_table('salesforce', 'contact', {
        'id': 'id', 'account_id': 'account_id', 'email': 'email', 'title': 'title', 'department': 'department',
        'birthdate': 'birthdate', 'country': ['mailing_country_code', 'mailing_country'], 'country_code': 'mailing_country_code',
        'state': ['mailing_state', 'mailing_state_code'], 'city': 'mailing_city', 'lead_source': 'lead_source',
        'opted_out': 'has_opted_out_of_email', 'master_record_id': 'master_record_id', 'created_date': 'created_date',
        'modified': ['last_modified_date', 'system_modstamp'],
    }, key=['id'], newest_by=['modified']) }}
),

leads as (
    {{ source_table('salesforce', 'lead', {
        'id': 'id', 'email': 'email', 'title': 'title', 'country': ['country_code', 'country'],
        'state': ['state', 'state_code'], 'city': 'city', 'lead_source': 'lead_source', 'opted_out': 'has_opted_out_of_email',
        'master_record_id': 'master_record_id', 'is_converted': 'is_converted', 'contact_id': 'converted_contact_id',
        'created_date': 'created_date', 'modified': ['last_modified_date', 'system_modstamp'],
    }, key=['id'], newest_by=['modified']) }}
),

-- A person is known from the lead on.
first_leads as (
    select
        {{ salesforce_id('contact_id') }} as contact_id,
        min({{ time_value('created_date', zone) }}) as created_at,
        min_by(lead_source, {{ time_value('created_date', zone) }}) as lead_source
    from leads
    where left_out_because is null and contact_id is not null
    group by all
),

by_email as (
    {{ users_by_email('salesforce') }}
),

identified as (
    select
        contacts.*{{ ' exclude (own_user_id)' if own_or('salesforce', 'contact', 'user_id', '') }},
        {{ salesforce_id('contacts.id') }} as person_id,
        {{ crm_user_id('salesforce', 'contact', salesforce_id('contacts.id')) }} as person_user_id
    from contacts
    left join by_email on lower(trim(contacts.email)) = by_email.address
),

masters as (
    select
        person_id as contact_id,
        person_user_id as master_user_id
    from identified
    where left_out_because is null
),

contact_people as (
    select
        identified.* exclude (person_user_id),
        identified.person_user_id as user_id,
        {%- if own_or('salesforce', 'contact', 'user_id', '') %}
        identified.person_user_id as own_user_id,
        {%- endif %}
        coalesce(
            strftime(
                least({{ time_value('identified.created_date', zone) }}, first_leads.created_at), '%Y-%m-%dT%H:%M:%S.%fZ'
            ),
            {{ time_text('identified.created_date', zone) }}
        ) as signed_up_at,
        coalesce(identified.lead_source, first_leads.lead_source) as channel,
        {%- if own_or('salesforce', 'contact', 'user_id', '') or crm_bridges('salesforce') %}
        case when masters.master_user_id != identified.person_user_id then masters.master_user_id end as merged_into,
        case
            when masters.master_user_id != identified.person_user_id then {{ time_text('identified.modified', zone) }}
        end as merged_at,
        coalesce(
            identified.left_out_because,
            case
                when
                    identified.master_record_id is not null
                    and not coalesce(masters.master_user_id != identified.person_user_id, false)
                    then 'merged'
            end
        ) as reason
        {%- else %}
        cast(null as varchar) as merged_into,
        cast(null as varchar) as merged_at,
        coalesce(identified.left_out_because, case when identified.master_record_id is not null then 'merged' end) as reason
        {%- endif %}
    from identified
    left join first_leads on identified.person_id = first_leads.contact_id
    left join masters on {{ salesforce_id('identified.master_record_id') }} = masters.contact_id
),

lead_people as (
    select
        leads.*{{ ' exclude (own_user_id)' if own_or('salesforce', 'lead', 'user_id', '') }},
        {{ salesforce_id('leads.id') }} as person_id,
        {{ crm_user_id('salesforce', 'lead', lead_id) }} as user_id,
        {%- if own_or('salesforce', 'lead', 'user_id', '') %}
        {{ crm_user_id('salesforce', 'lead', lead_id) }} as own_user_id,
        {%- endif %}
        {{ time_text('leads.created_date', zone) }} as signed_up_at,
        coalesce(
            leads.left_out_because,
            case when leads.master_record_id is not null then 'merged' end,
            case when {{ flag('leads.is_converted') }} then 'converted_lead' end
        ) as reason
    from leads
    left join by_email on lower(trim(leads.email)) = by_email.address
),

people as (
    select 'contact' as of_table, * exclude (lead_source) from contact_people
    union all by name
    select 'lead' as of_table, lead_people.* exclude (lead_source), lead_source as channel from lead_people
),

dated as (
    select
        *,
        {{ time_text('modified', zone) }} as updated_at,
        -- The record that was absorbed is deleted, the person is not.
        case when is_deleted and merged_into is null then coalesce({{ time_text('modified', zone) }}, {{ time_text('loaded_at') }}) end as deleted_at
    from people
)

select * from dated
