-- By what it is known whose an event is, and what became of each merge.
with
events as (
    select
        event_id,
        user_id,
        anonymous_id
    from {{ ref('stg_events') }}
),

users as (
    select user_id from {{ ref('stg_users') }}
),

links as (
    select * from {{ ref('identity_links') }}
),

claims as (
    select
        identities.anonymous_id,
        count(distinct identities.user_id) as claimants
    from {{ ref('stg_identities') }} as identities
    inner join users on identities.user_id = users.user_id
    group by identities.anonymous_id
),

known_merges as (
    select * from {{ ref('user_merges') }}
    {%- if segmentation.setting('not_people') %}
    where user_id not in (select left_out_id from {{ ref('left_out_ids') }} where id_kind = 'user')
    {%- endif %}
),

data_through as (
    select * from {{ ref('data_through') }}
),

-- Of several survivors the one who holds now.
holding_merges as (
    select known_merges.*
    from known_merges
    inner join data_through
        on
            known_merges.valid_from_date <= data_through.data_through
            and (known_merges.valid_to_date is null or known_merges.valid_to_date > data_through.data_through)
    where known_merges.refused_because is null
),

resolved as (
    select
        events.event_id,
        coalesce(events.user_id, links.user_id) as own_id,
        coalesce(events.user_id, events.anonymous_id) as named_id,
        case
            when events.user_id is null and links.user_id is null then 'unresolved'
            when events.user_id is null and claims.claimants > 1 then 'shared_device'
            when events.user_id is null then 'linked_device'
            when users.user_id is null then 'unknown_user'
            else 'own_id'
        end as bridge
    from events
    left join users on events.user_id = users.user_id
    left join links on events.anonymous_id = links.anonymous_id
    left join claims on events.anonymous_id = claims.anonymous_id
),

owned as (
    select
        resolved.event_id,
        resolved.named_id,
        case
            when resolved.bridge not in ('unresolved', 'unknown_user')
                then coalesce(holding_merges.survivor_id, resolved.own_id)
        end as user_id,
        case when holding_merges.survivor_id is not null then 'merged_user' else resolved.bridge end as bridge
    from resolved
    left join holding_merges on resolved.own_id = holding_merges.user_id
),

counts as (
    select
        bridge,
        count(distinct named_id) as ids,
        count(distinct user_id) as users,
        count(*) as events
    from owned
    group by bridge
),

-- Also those who never did anything, and merges that are refused.
merged as (
    select
        'merged_user' as bridge,
        count(*) as ids,
        count(distinct survivor_id) as users
    from holding_merges
    having count(*) > 0
    union all
    select
        'refused_' || refused_because as bridge,
        count(*) as ids,
        count(distinct survivor_id) as users
    from known_merges
    where refused_because is not null
    group by refused_because
),

summary as (
    select
        coalesce(counts.bridge, merged.bridge) as bridge,
        cast(coalesce(merged.ids, counts.ids) as bigint) as ids,
        cast(coalesce(merged.users, counts.users) as bigint) as users,
        cast(coalesce(counts.events, 0) as bigint) as events
    from counts
    full outer join merged on counts.bridge = merged.bridge
),

stamped as (
    select
        summary.bridge,
        summary.ids,
        summary.users,
        summary.events,
        data_through.data_through as as_of_date,
        data_through.data_through
    from summary
    cross join data_through
)

select * from stamped
