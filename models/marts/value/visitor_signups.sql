{%- set limit = segmentation.setting('funnel_days') -%}
{%- set days = limit or 36525 -%}
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
        ) as place
    from visits
),

counts as (
    select
        channel,
        cast(count(*) as bigint) as visitors,
        cast(sum(
            case when signed_up_at <= {{ dbt.dateadd('day', days, 'occurred_at') }} then 1 else 0 end
        ) as bigint) as signups,
        first_month
    from ranked_visits
    where place = 1
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
        case when is_mature then signups / cast(visitors as double) end as signup_share,
        {%- for side in ['lower', 'upper'] %}
        case when is_mature then {{ segmentation.wilson_bound('signups', 'visitors', side) }} end
            as signup_share_{{ side }},
        {%- endfor %}
        is_mature,
        first_month,
        as_of_date,
        data_through
    from judged
)

select * from visitor_signups
