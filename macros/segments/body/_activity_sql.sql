{#
    The CTEs of what is counted in activity: activity_<reads>, the rows with the events that are asked for, and
    <reads>_measures, one row per user and date with a column per measure. `reads`: 'days' (the rollup user_event_days)
    or 'events' (user_events); `measures`: name -> measure (see _criterion()).
#}
{% macro _activity_sql(reads, measures, relations) -%}
{%- set events = measures.values() | map(attribute='events') | sum(start=[]) | unique | sort -%}
{%- set days = measures.values() | map(attribute='days') | list -%}
{%- set signup = measures.values() | selectattr('signup') | list | length > 0 -%}
activity_{{ reads }} as (
    select
        source_rows.user_id,
        source_rows.event_name,
        {{ 'source_rows.events' if reads == 'days' else '1 as events' }},
        source_rows.event_date,
        source_rows.known_date
        {%- if reads == 'events' %},
        source_rows.properties
        {%- endif %}
        {%- if signup %},
        {{ segmentation.day_of('users.signed_up_at') }} as signup_date
        {%- endif %}
    from {{ relations.user_event_days if reads == 'days' else relations.user_events }} as source_rows
    {%- if signup %}
    inner join {{ relations.stg_users }} as users on source_rows.user_id = users.user_id
    {%- endif %}
    where source_rows.event_name in ({{ segmentation.text_literals(events) }})
),

{{ reads }}_measures as (
    select
        activity.user_id,
        {%- for name, measure in measures.items() %}
        {{ measure.sql }} as {{ name }},
        {%- endfor %}
        dates.as_of_date
    from activity_{{ reads }} as activity
    inner join dates
        on
            activity.known_date <= dates.as_of_date
            {%- if none not in days %}
            and activity.event_date > {{ segmentation.days_before('dates.as_of_date', days | max) }}
            {%- endif %}
    group by activity.user_id, dates.as_of_date
)
{%- endmacro %}
