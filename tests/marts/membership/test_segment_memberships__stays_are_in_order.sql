-- Entry numbers follow time, stays of a user in a segment do not touch, and the two flags say what the dates say.
with
segment_memberships as (
    select * from {{ ref('segment_memberships') }}
),

first_dates as (
    select min(as_of_date) as first_date from {{ ref('as_of_dates') }}
),

stays as (
    select
        *,
        row_number() over (partition by user_id, segment order by entered_on) as place,
        lead(entered_on) over (partition by user_id, segment order by entered_on) as next_entered_on
    from segment_memberships
),

failures as (
    select
        'segment_memberships: stay ' || cast(stays.entry_number as {{ dbt.type_string() }}) || ' of user '
        || stays.user_id || ' in ' || stays.segment || ', from ' || cast(stays.entered_on as {{ dbt.type_string() }})
        || ' to ' || coalesce(cast(stays.exited_on as {{ dbt.type_string() }}), 'now')
        || ', is out of order, touches the next one, or has a wrong flag.' as message
    from stays
    cross join first_dates
    where
        stays.entry_number != stays.place
        or stays.exited_on <= stays.entered_on
        -- A stay ends on a date without membership, so the next one begins later than that.
        or (stays.next_entered_on is not null and not coalesce(stays.exited_on < stays.next_entered_on, false))
        or stays.is_open != (stays.exited_on is null)
        or stays.is_left_censored != (stays.entered_on = first_dates.first_date)
        or stays.dates_in < 1
)

select * from failures
