-- No event was corrected or removed in the source after the warehouse had read it.
-- A warning, because corrections are normal: marts are right but for these days until the next full refresh.
{{ config(severity='warn') }}

with
source_changes as (
    select * from {{ ref('source_changes') }}
),

failures as (
    select
        'Events of ' || cast(event_date as {{ dbt.type_string() }}) || ' were corrected or removed in the source: '
        || cast(events_in_source as {{ dbt.type_string() }}) || ' events there now, '
        || cast(events_in_warehouse as {{ dbt.type_string() }})
        || ' in the warehouse. Run dbt build --full-refresh to take the change in.' as message
    from source_changes
)

select * from failures
