{{ config(enabled=gives('hubspot', 'users')) }}

-- Contacts with the id that they have as users. A contact that was merged into another one stays in the table, with its e-mail address. If it
-- had an id in the product, and HubSpot says when it was merged, it is a user until then; else it is no user of its own.
{%- set zone = (connector_setting('hubspot') or {'options': {}}).options.timezone %}
with
contacts as (
    {{ source_table('hubspot', 'contact', {
        'id': ['id', 'vid', 'canonical_vid'],
        'email': hubspot_names('email'),
        'company_id': hubspot_names('associatedcompanyid'),
        'companies': ['companies', 'associations.companies'],
        'job_title': hubspot_names('jobtitle'),
        'gender': hubspot_names('gender'),
        'language': hubspot_names('hs_language'),
        'country': hubspot_names('country'),
        'state': hubspot_names('state'),
        'city': hubspot_names('city'),
        'source': hubspot_names('hs_analytics_source'),
        'opted_out': hubspot_names('hs_email_optout'),
        'merged_ids': hubspot_names('hs_merged_object_ids'),
        'merged_vids': hubspot_names('hs_calculated_merged_vids'),
        'created': hubspot_names('createdate') + ['created_at'],
        'modified': hubspot_names('lastmodifieddate') + ['updated_at'],
        'archived': ['archived_at'],
    }, key=['id'], newest_by=['modified']) }}
),

merged as (
    {{ hubspot_merged('contacts') }}
),

by_email as (
    {{ users_by_email('hubspot') }}
),

identified as (
    select
        contacts.*{{ ' exclude (own_user_id)' if own_or('hubspot', 'contact', 'user_id', '') }},
        {{ crm_user_id('hubspot', 'contact', 'contacts.id') }} as person_user_id
    from contacts
    left join by_email on lower(trim(contacts.email)) = by_email.address
),

survivors as (
    select
        id as contact_id,
        person_user_id as survivor_user_id
    from identified
    where left_out_because is null
),

people as (
    select
        identified.* exclude (company_id, left_out_because, person_user_id),
        coalesce(
            identified.company_id,
            case when json_valid(identified.companies) then json_extract_string(identified.companies, '$[0]') end
        ) as company_id,
        identified.person_user_id as user_id,
        {%- if own_or('hubspot', 'contact', 'user_id', '') %}
        identified.person_user_id as own_user_id,
        {%- endif %}
        {{ time_text('identified.created', zone) }} as signed_up_at,
        {{ time_text('identified.modified', zone) }} as updated_at,
        case
            when identified.is_deleted then coalesce({{ time_text('identified.archived', zone) }}, {{ time_text('identified.loaded_at') }})
        end as deleted_at,
        {%- if own_or('hubspot', 'contact', 'user_id', '') or crm_bridges('hubspot') %}
        case
            when merged.merged_at is not null and survivors.survivor_user_id != identified.person_user_id then survivors.survivor_user_id
        end as merged_into,
        {{ time_text('merged.merged_at') }} as merge_time,
        {%- else %}
        cast(null as varchar) as merged_into,
        cast(null as varchar) as merge_time,
        {%- endif %}
        identified.left_out_because,
        merged.merged_id is not null as is_merged
    from identified
    left join merged on identified.id = merged.merged_id
    left join survivors on merged.survivor_id = survivors.contact_id
),

judged as (
    select
        * exclude (left_out_because, merge_time, is_merged),
        case when merged_into is not null then merge_time end as merged_at,
        coalesce(
            left_out_because,
            case when is_merged and merged_into is null then 'merged' end
            {%- if crm_bridges('hubspot') %},
            case when user_id is null then 'no_user_id' end
            {%- endif %}
        ) as reason
    from people
)

select * from judged
