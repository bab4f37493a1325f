-- Once the changes are made a destination holds the people who are sent, as many and no others.
with
audiences as (
    select * from {{ ref('audiences') }}
),

audience_members as (
    select * from {{ ref('audience_members') }}
),

audience_deliveries as (
    select * from {{ ref('audience_deliveries') }}
),

audience_changes as (
    select * from {{ ref('audience_changes') }}
),

removed as (
    select entry_number from audience_changes
    where change = 'remove'
),

-- Who is pending and stays is among the adds.
staying as (
    select
        audience_deliveries.audience,
        audience_deliveries.destination,
        audience_deliveries.key_kind,
        count(*) as users
    from audience_deliveries
    left join removed on audience_deliveries.entry_number = removed.entry_number
    where not audience_deliveries.is_pending and removed.entry_number is null
    group by audience_deliveries.audience, audience_deliveries.destination, audience_deliveries.key_kind
),

added as (
    select
        audience,
        destination,
        key_kind,
        count(*) as users
    from audience_changes
    where change = 'add'
    group by audience, destination, key_kind
),

sent as (
    select
        audience,
        count(*) as users
    from audience_members
    where is_sent
    group by audience
),

failures as (
    select
        'audience_changes: ' || audiences.audience || ' sends '
        || cast(coalesce(sent.users, 0) as {{ dbt.type_string() }}) || ' users, but '
        || cast(coalesce(staying.users, 0) as {{ dbt.type_string() }}) || ' stay and '
        || cast(coalesce(added.users, 0) as {{ dbt.type_string() }}) || ' are added.' as message
    from audiences
    left join sent on audiences.audience = sent.audience
    left join staying
        on
            audiences.audience = staying.audience
            and audiences.destination = staying.destination
            and audiences.key_kind = staying.key_kind
    left join added
        on
            audiences.audience = added.audience
            and audiences.destination = added.destination
            and audiences.key_kind = added.key_kind
    where coalesce(sent.users, 0) != coalesce(staying.users, 0) + coalesce(added.users, 0)
)

select * from failures
