-- Every feature of the file is in `vars: events`; one that is not would count as activity, but as no feature.
with
unlisted_events as (
    select * from {{ ref('segmentation', 'unlisted_events') }}
),

messages as (
    select
        event_name,
        'The event ' || event_name || ' is missing from `vars: events` in dbt_project.yml.' as message
    from unlisted_events
)

select * from messages
