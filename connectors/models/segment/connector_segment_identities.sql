{{ config(enabled=gives('segment', 'identities')) }}

-- An anonymous id is a person's from the first call that has both ids, or an alias that names both.
with
calls as (
    select * from {{ ref('connector_segment_calls') }}
    where left_out_because is null
),

aliases as (
    {{ source_table('segment', 'aliases', {'previous_id': 'previous_id', 'user_id': 'user_id', 'occurred': 'timestamp'}) }}
),

pairs as (
    select anonymous_id, user_id, occurred_at from calls
    where anonymous_id is not null and user_id is not null
    union all
    select previous_id as anonymous_id, user_id, {{ time_text('occurred') }} as occurred_at from aliases
    where previous_id is not null and user_id is not null
),

links as (
    select anonymous_id, user_id, min(occurred_at) as linked_at
    from pairs
    group by anonymous_id, user_id
),

mapped as (
    select
        {{ as_input('identities', {'anonymous_id': 'anonymous_id', 'user_id': 'user_id', 'linked_at': 'linked_at'},
            left_out='cast(null as varchar)') }}
    from links
)

select * from mapped
