{#
    The CTEs of one sequence: <name> has a row per user and date on which the sequence is complete. For each step the latest
    earlier event that completes the step before decides, since it leaves the shortest gap.
#}
{% macro _sequence_sql(name, measure, user_events) -%}
{%- set moment = segmentation._step_moment('activity.occurred_at') -%}
{{ name }}_events as (
    select
        activity.user_id,
        activity.event_name,
        {{ moment ~ (' as occurred_at' if moment != 'activity.occurred_at' else '') }},
        dates.as_of_date,
        case when activity.event_name in ({{ segmentation.text_literals(measure.steps[0]) }}) then {{ moment }} end
            as reached_1
    from {{ user_events }} as activity
    inner join dates
        on
            activity.known_date <= dates.as_of_date
            {%- if measure.days %}
            and activity.event_date > {{ segmentation.days_before('dates.as_of_date', measure.days) }}
            {%- endif %}
    where activity.event_name in ({{ segmentation.text_literals(measure.steps | sum(start=[]) | unique | sort) }})
),
{%- for step in measure.steps[1:] %}
{%- set gap = measure.gaps[loop.index0] %}
{%- set is_simultaneous = segmentation._may_be_simultaneous(step, measure.steps[:loop.index] | sum(start=[])) %}

{{ name }}_step_{{ loop.index + 1 }} as (
    select
        *,
        case
            when event_name in ({{ segmentation.text_literals(step) }})
                and max(reached_{{ loop.index }}) over (
                    partition by user_id, as_of_date
                    order by occurred_at
                    range between unbounded preceding and {{ 'current row' if is_simultaneous else "interval '1' microsecond preceding" }}
                ) >= {{ "occurred_at - interval '" ~ 24 * gap ~ "' hour" if gap else "timestamp '0001-01-01 00:00:00'" }}
                then occurred_at
        end as reached_{{ loop.index + 1 }}
    from {{ name ~ '_events' if loop.first else name ~ '_step_' ~ loop.index }}
),
{%- endfor %}

{{ name }} as (
    select distinct
        user_id,
        as_of_date,
        true as is_met
    from {{ name }}_step_{{ measure.steps | length }}
    where reached_{{ measure.steps | length }} is not null
)
{%- endmacro %}
