-- Every event in the data is in `vars: events`, so that somebody has decided what it counts as.
-- A warning: an event that the list lacks counts as human and as no feature, and nothing is lost. A project without a
-- list has decided that all of them do.
{{ config(severity='warn') }}

with
unlisted_events as (
    select * from {{ ref('unlisted_events') }}
),

failures as (
    select
        'unlisted_events: `' || event_name || '` (' || cast(events as {{ dbt.type_string() }})
        || ' events) is not in `vars: events`: it counts as done by a person and as no feature.' as message
    from unlisted_events
    where {{ 'true' if segmentation.listed_events() else 'false' }}
)

select * from failures
