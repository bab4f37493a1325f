-- Every event that a segment or a variable names occurs in the data. It warns and does not stop: an event may be new,
-- or gone. A project that lists no events may write any name, so that a misspelled one shows here alone.
{{ config(severity='warn') }}
{%- set named = segmentation.events_of_variables() %}

with
segment_scorecard as (
    select * from {{ ref('segment_scorecard') }}
),

seen_events as (
    select distinct event_name
    from {{ ref('user_event_days') }}
),

named_events as (
    {%- for variable_name, event in named %}
    select
        '{{ variable_name }}' as variable_name,
        {{ segmentation.text_literal(event) }} as event_name
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as variable_name,
        cast(null as {{ dbt.type_string() }}) as event_name
),

failures as (
    select
        'Segment `' || segment || '`: nobody ever performed ' || unseen_events
        || '. Correct the name, or find out why it is not recorded.' as message
    from segment_scorecard
    where unseen_events != ''
    union all
    select
        'vars: `' || named_events.variable_name || '`: nobody ever performed ' || named_events.event_name
        || '. Correct the name, or find out why it is not recorded.' as message
    from named_events
    left join seen_events on named_events.event_name = seen_events.event_name
    where
        named_events.event_name is not null
        and seen_events.event_name is null
)

select * from failures
