{%- set limit = segmentation.setting('funnel_days') -%}
{%- set days = limit or 36525 %}
{%- set lead_events = segmentation.setting('lead_events') %}
{%- set is_lead_event = 'event_name in (' ~ segmentation.text_literals(lead_events) ~ ')' if lead_events else 'false' %}
{%- set shares = [('signup', 'signups', 'visitors')] %}
{%- if lead_events %}
{%- do shares.extend([('lead', 'leads', 'visitors'), ('lead_signup', 'lead_signups', 'leads')]) %}
{%- endif -%}
-- Visitors are outside of the population: who signs up is a user from then on. A person seen under several ids that are
-- linked is one visitor.
with
events as (
    select * from {{ ref('stg_events') }}
    where
        user_id is null
        and {{ 'true' if segmentation.is_known(['identities']) else 'false' }}
),

links as (
    select * from {{ ref('identity_links') }}
),

users as (
    select
        user_id,
        signed_up_at
    from {{ ref('stg_users') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

known_links as (
    select
        links.anonymous_id,
        users.user_id,
        users.signed_up_at
    from links
    cross join data_through
    inner join users on links.user_id = users.user_id
    where
        links.linked_date <= data_through.data_through
        and {{ segmentation.day_of('users.signed_up_at') }} <= data_through.data_through
),

-- What a user does before logging in is no visit: somebody is a visitor until the signup.
visits as (
    select
        events.event_id,
        coalesce('user ' || known_links.user_id, 'visitor ' || events.anonymous_id) as visitor_key,
        coalesce(events.channel, '__unknown__') as channel,
        events.event_name,
        events.occurred_at,
        known_links.signed_up_at
    from events
    cross join data_through
    left join known_links on events.anonymous_id = known_links.anonymous_id
    where
        {{ segmentation.day_of('events.occurred_at') }} <= data_through.data_through
        and (known_links.signed_up_at is null or events.occurred_at < known_links.signed_up_at)
),

ranked_visits as (
    select
        *,
        cast({{ dbt.date_trunc('month', segmentation.day_of('occurred_at')) }} as date) as first_month,
        row_number() over (
            partition by visitor_key
            order by occurred_at, event_id
        ) as place,
        min(case when {{ is_lead_event }} then occurred_at end) over (partition by visitor_key) as lead_at
    from visits
),

-- Nobody is a lead before the first visit, or after the signup.
journeys as (
    select
        *,
        coalesce(signed_up_at <= {{ dbt.dateadd('day', days, 'occurred_at') }}, false) as has_signed_up,
        coalesce(lead_at <= {{ dbt.dateadd('day', days, 'occurred_at') }}, false) as is_lead
    from ranked_visits
    where place = 1
),

counts as (
    select
        channel,
        cast(count(*) as bigint) as visitors,
        cast(sum(case when has_signed_up then 1 else 0 end) as bigint) as signups,
        cast(sum(case when is_lead then 1 else 0 end) as bigint) as leads,
        cast(sum(case when is_lead and has_signed_up then 1 else 0 end) as bigint) as lead_signups,
        first_month
    from journeys
    group by channel, first_month
),

-- The last visitor of the month has had the days, too.
judged as (
    select
        counts.*,
        cast({{ dbt.dateadd('month', 1, 'counts.first_month') }} as date)
        <= {{ segmentation.days_before('data_through.data_through', (limit or 0) - 1) }} as is_mature,
        data_through.data_through as as_of_date,
        data_through.data_through
    from counts
    cross join data_through
),

visitor_signups as (
    select
        channel,
        visitors,
        case when is_mature then signups end as signups,
        {%- for name in ['leads', 'lead_signups'] %}
        {{ 'case when is_mature then ' ~ name ~ ' end' if lead_events else 'cast(null as bigint)' }} as {{ name }},
        {%- endfor %}
        {%- for name, part, whole in shares %}
        case when is_mature then {{ part }} / cast(nullif({{ whole }}, 0) as double) end as {{ name }}_share,
        {%- for side in ['lower', 'upper'] %}
        case when is_mature then {{ segmentation.wilson_bound(part, 'nullif(' ~ whole ~ ', 0)', side) }} end
            as {{ name }}_share_{{ side }},
        {%- endfor %}
        {%- endfor %}
        {%- for name in ([] if lead_events else ['lead', 'lead_signup']) %}
        cast(null as double) as {{ name }}_share,
        cast(null as double) as {{ name }}_share_lower,
        cast(null as double) as {{ name }}_share_upper,
        {%- endfor %}
        is_mature,
        first_month,
        as_of_date,
        data_through
    from judged
)

select * from visitor_signups
