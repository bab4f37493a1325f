{{ config(enabled=gives('hubspot', 'users')) }}

-- Contacts with the id that they have as users. A contact that was merged into another one stays in the table, with its e-mail address, and
-- is no user of its own.
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

people as (
    select
        contacts.* exclude (company_id, left_out_because),
        coalesce(
            contacts.company_id,
            case when json_valid(contacts.companies) then json_extract_string(contacts.companies, '$[0]') end
        ) as company_id,
        {{ own_or('hubspot', 'contact', 'user_id', 'contacts.id') }} as user_id,
        {{ time_text('contacts.created', zone) }} as signed_up_at,
        {{ time_text('contacts.modified', zone) }} as updated_at,
        case
            when contacts.is_deleted then coalesce({{ time_text('contacts.archived', zone) }}, {{ time_text('contacts.loaded_at') }})
        end as deleted_at,
        coalesce(
            contacts.left_out_because,
            case when merged.merged_id is not null then 'merged' end
        ) as reason
    from contacts
    left join merged on contacts.id = merged.merged_id
)

select * from people
