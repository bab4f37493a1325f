{%- set rules = segmentation.setting('not_people') -%}
{{ config(enabled=rules | length > 0, materialized='table') }}

-- Whose rows the rules of the variable not_people leave out. One person is judged once: with one of several merged
-- users all of them are out, and with a user the devices that were theirs first.
with
users as (
    select * from {{ ref('stg_users__checked') }}
    where reject_reason is null and not is_duplicate
),

{%- if rules | selectattr('whole_user', 'defined') | selectattr('whole_user') | list %}
events as (
    select * from {{ ref('stg_events__checked') }}
    where reject_reason is null and not is_duplicate
),
{%- endif %}

identities as (
    select * from {{ ref('stg_identities__checked') }}
    where reject_reason is null and not is_duplicate
),

known_merges as (
    select
        user_id,
        survivor_id
    from {{ ref('user_merges') }}
    where refused_because is null
),

named as (
    {%- for rule in rules %}
    {%- set number = loop.index %}
    {%- set condition = segmentation.left_out_users(rule) %}
    {%- for kind in ('user', 'anonymous', 'account') if rule[kind ~ '_ids'] %}
    select
        '{{ kind }}' as id_kind,
        listed.listed_id as left_out_id,
        {{ number }} as rule_number
    from (
        values
        {%- for id in rule[kind ~ '_ids'] %}
        ({{ segmentation.text_literal(id | string | trim) }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as listed (listed_id)
    union all
    {%- endfor %}
    {%- if rule.listed_in %}
    select
        'user' as id_kind,
        {{ segmentation.trimmed_text('cast(listed.user_id as ' ~ dbt.type_string() ~ ')') }} as left_out_id,
        {{ number }} as rule_number
    from {{ segmentation.named_relation(rule.listed_in, ['user_id']) }} as listed
    union all
    {%- endif %}
    {%- if condition %}
    select
        'user' as id_kind,
        users.user_id as left_out_id,
        {{ number }} as rule_number
    from users
    where {{ condition }}
    union all
    {%- endif %}
    {%- if rule.whole_user %}
    select
        case when events.user_id is null then 'anonymous' else 'user' end as id_kind,
        coalesce(events.user_id, events.anonymous_id) as left_out_id,
        {{ number }} as rule_number
    from events
    where {{ segmentation._event_condition(rule, 'events') }}
    union all
    {%- endif %}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as id_kind,
        cast(null as {{ dbt.type_string() }}) as left_out_id,
        cast(null as bigint) as rule_number
    where 1 = 0
),

-- The user in whom all merges of a person end, which are in user_merges with every step on the way.
last_survivors as (
    select
        known_merges.user_id,
        known_merges.survivor_id as last_survivor_id
    from known_merges
    left join known_merges as later on known_merges.survivor_id = later.user_id
    where later.user_id is null
    union
    select
        known_merges.survivor_id as user_id,
        known_merges.survivor_id as last_survivor_id
    from known_merges
    left join known_merges as later on known_merges.survivor_id = later.user_id
    where later.user_id is null
),

persons as (
    select
        left_out_id,
        rule_number
    from named
    where id_kind = 'user' and left_out_id is not null
    union
    select
        merged.user_id as left_out_id,
        named.rule_number
    from named
    inner join last_survivors on named.left_out_id = last_survivors.user_id
    inner join last_survivors as merged on last_survivors.last_survivor_id = merged.last_survivor_id
    where named.id_kind = 'user'
),

-- As in identity_links: the first user who claims a device has it.
claimants as (
    select user_id from users
    union
    select left_out_id as user_id from persons
),

ordered_links as (
    select
        identities.anonymous_id,
        identities.user_id,
        row_number() over (
            partition by identities.anonymous_id
            order by identities.linked_at, identities.user_id
        ) as place
    from identities
    inner join claimants on identities.user_id = claimants.user_id
),

ids as (
    select
        'user' as id_kind,
        left_out_id,
        rule_number
    from persons
    union all
    select
        'anonymous' as id_kind,
        ordered_links.anonymous_id as left_out_id,
        persons.rule_number
    from ordered_links
    inner join persons on ordered_links.user_id = persons.left_out_id
    where ordered_links.place = 1
    union all
    select
        id_kind,
        left_out_id,
        rule_number
    from named
    where id_kind != 'user' and left_out_id is not null
),

left_out_ids as (
    select
        id_kind,
        left_out_id,
        cast(min(rule_number) as bigint) as rule_number
    from ids
    group by id_kind, left_out_id
)

select * from left_out_ids
