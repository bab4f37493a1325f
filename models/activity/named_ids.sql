-- Whose the rows are: read once here, for the counts in input_summary and the list in unknown_ids.
{%- set contract = segmentation.input_contract() %}
with
{%- set id_columns = ['user_id', 'account_id', 'entity_id'] %}
{%- for name, entry in contract.items() if id_columns | select('in', entry.columns) | list %}
{{ name }} as (
    select * from {{ ref('stg_' ~ name) }}
),
{% endfor %}
identity_links as (
    select * from {{ ref('identity_links') }}
),

named as (
    {%- for name, entry in contract.items() if 'user_id' in entry.columns and name != 'users' %}
    select
        '{{ name }}' as input,
        'user' as id_kind,
        user_id as named_id,
        count(*) as naming_rows
    from {{ name }}
    where user_id is not null
    group by user_id
    union all
    {%- endfor %}
    {%- for name, entry in contract.items() if 'account_id' in entry.columns and name != 'accounts' %}
    select
        '{{ name }}' as input,
        'account' as id_kind,
        account_id as named_id,
        count(*) as naming_rows
    from {{ name }}
    where account_id is not null
    group by account_id
    union all
    {%- endfor %}
    select
        'attribute_history' as input,
        entity as id_kind,
        entity_id as named_id,
        count(*) as naming_rows
    from attribute_history
    where entity in ('user', 'account')
    group by entity, entity_id
    union all
    select
        'events' as input,
        'anonymous' as id_kind,
        anonymous_id as named_id,
        count(*) as naming_rows
    from events
    where user_id is null
    group by anonymous_id
),

known_ids as (
    select
        'user' as id_kind,
        user_id as known_id
    from users
    union all
    select
        'account' as id_kind,
        account_id as known_id
    from accounts
    union all
    select
        'anonymous' as id_kind,
        anonymous_id as known_id
    from identity_links
),

judged as (
    select
        named.input,
        named.id_kind,
        named.named_id,
        cast(named.naming_rows as bigint) as naming_rows,
        -- Assignments and messages may name an anonymous id.
        known_ids.known_id is not null
        or (
            named.input in ('experiment_assignments', 'campaign_messages')
            and identity_links.anonymous_id is not null
        ) as is_known
    from named
    left join known_ids
        on
            named.id_kind = known_ids.id_kind
            and named.named_id = known_ids.known_id
    left join identity_links on named.named_id = identity_links.anonymous_id
    -- Where no account is known at all, none is unknown.
    where
        named.id_kind != 'account'
        or (select count(*) > 0 from accounts)
)

select * from judged
