{{ config(enabled=gives('segment', 'attribute_history')) }}

-- A user belongs to an account from the first call of each stay on.
with
calls as (
    select * from {{ ref('connector_segment_memberships') }}
),

stays as (
    select
        *,
        lag(group_id) over (partition by user_id order by occurred_at, id) as group_before
    from calls
),

mapped as (
    select
        {{ as_input('attribute_history', {
            'entity': "'user'",
            'entity_id': 'user_id',
            'attribute': "'account_id'",
            'value': 'group_id',
            'valid_from': 'occurred_at',
        }, left_out="coalesce(
            left_out_because,
            case when user_id is null then 'no_user_id' end,
            case when group_id = group_before then 'same_account' end
        )") }}
    from stays
)

select * from mapped
