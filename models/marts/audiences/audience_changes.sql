-- Compared by what the destination knows a person by, not by user: an address that only moves to another user must not
-- be removed, and the old address of a user who has a new one must.
with
audiences as (
    select * from {{ ref('audiences') }}
),

members as (
    select * from {{ ref('audience_members') }}
),

addresses as (
    select * from {{ ref('stg_users__addresses') }}
),

deliveries as (
    select * from {{ ref('audience_deliveries') }}
),

user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
    where {{ segmentation.at_newest_date() }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

wanted as (
    select
        members.user_id,
        audiences.audience,
        audiences.destination,
        audiences.key_kind,
        {{ segmentation.audience_key('audiences.key_kind', 'addresses') }} as destination_key
    from members
    inner join audiences on members.audience = audiences.audience
    inner join addresses on members.user_id = addresses.user_id
    where members.is_sent
),

population as (
    select user_dates.user_id
    from user_dates
),

delivered_users as (
    select
        user_id,
        audience,
        destination,
        key_kind
    from deliveries
    where not is_pending
    group by user_id, audience, destination, key_kind
),

adds as (
    select
        wanted.user_id,
        wanted.audience,
        wanted.destination,
        wanted.key_kind,
        'add' as change,
        case
            when deliveries.is_pending then 'repeated'
            when delivered_users.user_id is not null then 'address_changed'
            else 'entered'
        end as reason,
        cast(0 as bigint) as entry_number
    from wanted
    left join deliveries
        on
            wanted.audience = deliveries.audience
            and wanted.destination = deliveries.destination
            and wanted.key_kind = deliveries.key_kind
            and wanted.destination_key = deliveries.destination_key
    left join delivered_users
        on
            wanted.audience = delivered_users.audience
            and wanted.destination = delivered_users.destination
            and wanted.key_kind = delivered_users.key_kind
            and wanted.user_id = delivered_users.user_id
    where coalesce(deliveries.is_pending, true)
),

removes as (
    select
        deliveries.user_id,
        deliveries.audience,
        deliveries.destination,
        deliveries.key_kind,
        'remove' as change,
        case
            when audiences.audience is null then 'audience_ended'
            when population.user_id is null then 'deleted'
            when members.user_id is null then 'left_segment'
            when members.is_sent then 'address_changed'
            else members.skip_reason
        end as reason,
        deliveries.entry_number
    from deliveries
    left join wanted
        on
            deliveries.audience = wanted.audience
            and deliveries.destination = wanted.destination
            and deliveries.key_kind = wanted.key_kind
            and deliveries.destination_key = wanted.destination_key
    left join audiences
        on
            deliveries.audience = audiences.audience
            and deliveries.destination = audiences.destination
            and deliveries.key_kind = audiences.key_kind
    left join population on deliveries.user_id = population.user_id
    left join members
        on
            deliveries.audience = members.audience
            and deliveries.user_id = members.user_id
    where wanted.destination_key is null
),

changes as (
    select * from adds
    union all
    select * from removes
),

stamped as (
    select
        changes.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from changes
    cross join data_through
)

select * from stamped
