{#
    An incremental rollup of user_events around the SELECT that rolls up.

    The SELECT reads the CTE `due_events`: rows of user_events of every date that has to be rebuilt. On a first build these
    are all dates; later those on which something arrived since the newest arrival in the table, less
    `arrival_overlap_days`, however old the dates are, those after the newest date in the table, and those whose links of
    anonymous ids are others than when they were built. If the rollup's own SQL or a variable that decides about events changed,
    all dates again. Whole dates are replaced (unique_key='event_date').

    It must return event_date and last_known_at (the newest known_at in the row); links_hash and logic_hash are added.

    Arguments: rows (SQL, one SELECT). Hand it over in a `set` block: dbt does not see the macros in the body of a `call` block,
               and `state:modified` would miss a change in one of them.
    Call:      {% set rows %} select user_id, event_date, … from due_events group by … {% endset %}
               {{ activity_rows(rows) }}
#}
{% macro activity_rows(rows) -%}
{%- set logic_hash = segmentation.logic_hash(rows, variables=[
    'events', 'source_timezones', 'max_clock_skew_minutes', 'max_gap_days', 'max_gap_share', 'max_gap_events', 'accept_data_through',
    'not_people',
]) -%}
with
{%- if is_incremental() %}
built as (
    select
        -- Never after the newest arrival: one that is corrected in the source must not hide what came before it.
        least(
            max(last_known_at), (select newest.newest_received_at from {{ ref('data_through') }} as newest)
        ) as newest_known_at,
        max(event_date) as newest_event_date
    from {{ this }}
    where logic_hash = '{{ logic_hash }}'
),

built_days as (
    select distinct
        event_date,
        links_hash
    from {{ this }}
    where logic_hash = '{{ logic_hash }}'
),

relinked_dates as (
    select coalesce(linked_days.event_date, built_days.event_date) as event_date
    from {{ ref('linked_days') }} as linked_days
    full outer join built_days on linked_days.event_date = built_days.event_date
    where coalesce(linked_days.links_hash, 0) != coalesce(built_days.links_hash, 0)
),

due_dates as (
    select distinct user_events.event_date
    from {{ ref('user_events') }} as user_events
    cross join built
    left join relinked_dates on user_events.event_date = relinked_dates.event_date
    where
        built.newest_event_date is null
        or relinked_dates.event_date is not null
        or user_events.event_date > built.newest_event_date
        or user_events.known_at >= built.newest_known_at - interval {{ segmentation.setting('arrival_overlap_days') }} day
        {%- if segmentation.setting('not_people') %}
        -- Whom a list or an address does not leave out any more comes back with all events.
        or user_events.user_id not in (select user_id from {{ this }})
        {%- endif %}
),

due_events as (
    select user_events.*
    from {{ ref('user_events') }} as user_events
    inner join due_dates on user_events.event_date = due_dates.event_date
),
{%- else %}
due_events as (
    select * from {{ ref('user_events') }}
),
{%- endif %}
rolled_up as (
    {{ rows }}
),

stamped as (
    select
        rolled_up.*,
        coalesce(linked_days.links_hash, 0) as links_hash,
        '{{ logic_hash }}' as logic_hash
    from rolled_up
    left join {{ ref('linked_days') }} as linked_days on rolled_up.event_date = linked_days.event_date
)

select * from stamped
{%- endmacro %}
