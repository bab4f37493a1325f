{{ config(enabled=gives('hubspot', 'campaign_messages')) }}

-- A message is an event SENT; the others of its kind add their first time to it. Events know an address and no contact, so the user is the
-- contact with that address which was not merged away. Events that a filter of the account hides are not counted.
{%- set zone = (connector_setting('hubspot') or {'options': {}}).options.timezone %}
with
events as (
    {{ source_table('hubspot', 'email_event', {
        'id': 'id', 'type': 'type', 'recipient': 'recipient', 'campaign_id': ['email_campaign_id', 'emailCampaignId'],
        'sent_by_id': ['sent_by_id', 'sentBy.id'], 'caused_by_id': ['caused_by_id', 'causedBy.id'],
        'is_filtered': ['filtered_event', 'filteredEvent'], 'created': 'created',
        'status': ['portal_subscription_status', 'portalSubscriptionStatus'],
    }, key=['id', 'created']) }}
),

status_changes as (
    {{ source_table('hubspot', 'email_event_status_change', {
        'id': 'id', 'status': ['portal_subscription_status', 'portalSubscriptionStatus'],
    }) }}
),

campaigns as (
    {{ source_table('hubspot', 'email_campaign', {'id': 'id', 'name': 'name', 'subject': 'subject'}, key=['id']) }}
),

people as (
    {%- if gives('hubspot', 'users') %}
    -- Of several contacts with one address, the one that was not merged, then the first: HubSpot itself allows one.
    select lower(email) as address, min_by(user_id, (merged_into is not null, user_id)) as user_id from {{ ref('connector_hubspot_people') }}
    where reason is null and email is not null and user_id is not null
    group by lower(email)
    {%- else %}
    select cast(null as varchar) as address, cast(null as varchar) as user_id
    where false
    {%- endif %}
),

unsubscribed as (
    select id from status_changes
    where upper(status) = 'UNSUBSCRIBED'
    union
    select id from events
    where upper(status) = 'UNSUBSCRIBED'
),

dated as (
    select
        events.*,
        upper(events.type) as event_type,
        {{ time_text('events.created', zone) }} as created_at,
        unsubscribed.id is not null as is_unsubscription
    from events
    left join unsubscribed on events.id = unsubscribed.id
),

parts as (
    select
        coalesce(sent_by_id, caused_by_id) as message_id,
        min(created_at) filter (where event_type = 'DELIVERED') as delivered_at,
        min(created_at) filter (where event_type = 'OPEN') as opened_at,
        min(created_at) filter (where event_type = 'CLICK') as clicked_at,
        min(created_at) filter (where event_type in ('STATUSCHANGE', 'STATUS_CHANGE') and is_unsubscription) as unsubscribed_at
    from dated
    where left_out_because is null and not {{ flag('is_filtered') }} and coalesce(sent_by_id, caused_by_id) is not null
    group by coalesce(sent_by_id, caused_by_id)
),

messages as (
    select
        dated.*,
        coalesce(campaigns.name, campaigns.subject, dated.campaign_id) as campaign,
        people.user_id,
        parts.* exclude (message_id),
        coalesce(
            dated.left_out_because,
            case when dated.event_type is distinct from 'SENT' then 'part_of_a_message' end,
            case when {{ flag('dated.is_filtered') }} then 'filtered' end,
            case when people.user_id is null then 'unknown_recipient' end
        ) as reason
    from dated
    left join parts on dated.id = parts.message_id
    left join campaigns on dated.campaign_id = campaigns.id and campaigns.left_out_because is null
    left join people on lower(dated.recipient) = people.address
),

mapped as (
    select
        {{ as_input('campaign_messages', {
            'message_id': 'id',
            'campaign': 'campaign',
            'user_id': 'user_id',
            'assigned_at': 'created_at',
            'sent_at': 'created_at',
            'delivered_at': 'delivered_at',
            'opened_at': 'opened_at',
            'clicked_at': 'clicked_at',
            'unsubscribed_at': 'unsubscribed_at',
        }, left_out='reason') }}
    from messages
)

select * from mapped
