-- The counts per event add up to events_7d, events_28d and events_91d of the same user and date.
with
key_events as (
    select
        user_id,
        as_of_date,
        sum(count_7d) as events_7d,
        sum(count_28d) as events_28d,
        sum(count_91d) as events_91d
    from {{ ref('user_key_events') }}
    group by user_id, as_of_date
),

behaviors as (
    select * from {{ ref('user_features') }}
),

failures as (
    select
        'user_key_events: the counts of user ' || coalesce(behaviors.user_id, key_events.user_id) || ' on '
        || cast(coalesce(behaviors.as_of_date, key_events.as_of_date) as {{ dbt.type_string() }}) || ' add up to '
        {%- for days in [7, 28, 91] %}
        || cast(coalesce(key_events.events_{{ days }}d, 0) as {{ dbt.type_string() }}) || ' events in {{ days }} days ('
        || coalesce(cast(behaviors.events_{{ days }}d as {{ dbt.type_string() }}), 'no row') || ' in the features)'
        || '{{ '. ' if loop.last else ', ' }}'
        {%- endfor %}
        || 'Run dbt build --full-refresh; if it stays, the two count differently.' as message
    from behaviors
    full outer join key_events
        on
            behaviors.user_id = key_events.user_id
            and behaviors.as_of_date = key_events.as_of_date
    where
        behaviors.events_7d is distinct from coalesce(key_events.events_7d, 0)
        or behaviors.events_28d is distinct from coalesce(key_events.events_28d, 0)
        or behaviors.events_91d is distinct from coalesce(key_events.events_91d, 0)
)

select * from failures
