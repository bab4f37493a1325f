{%- set as_of_date = segmentation.date_setting('as_of_date') -%}
{%- set is_running = segmentation.setting('include_today') and not as_of_date -%}
-- The day before the newest arrival is the last one that is complete; the variable include_today adds the day that is
-- running, and as_of_date overrides both, but not beyond the newest arrival: nobody knows what happened after it. None
-- of them goes beyond the last day on which no input of max_lag_days was behind.
with
events as (
    select * from {{ ref('stg_events') }}
),

newest_arrival as (
    select
        max(received_at) as newest_received_at,
        {{ segmentation.day_of('max(received_at)') }} as newest_received_on
    from events
),

newest as (
    select
        {% if as_of_date -%}
        case
            when newest_received_on < cast('{{ as_of_date }}' as date) then newest_received_on
            else cast('{{ as_of_date }}' as date)
        end as data_through,
        {%- elif is_running -%}
        newest_received_on as data_through,
        {%- else -%}
        {{ segmentation.days_before('newest_received_on', 1) }} as data_through,
        {%- endif %}
        {{ 'true' if is_running else 'false' }} as is_provisional,
        newest_received_at
    from newest_arrival
    -- Without an event there is no day, and what lists something for the newest date is empty.
    where newest_received_on is not null
),

sources as (
    {{ segmentation.complete_days('(select newest_received_on from newest_arrival)') }}
),

ranked_sources as (
    select
        *,
        row_number() over (order by complete_through, input, tool) as place
    from sources
    where complete_through is not null
),

held_back as (
    select
        coalesce(ranked_sources.complete_through, newest.data_through) as data_through,
        ranked_sources.input as held_back_by,
        ranked_sources.tool as held_back_by_tool,
        newest.is_provisional and ranked_sources.complete_through is null as is_provisional,
        newest.newest_received_at
    from newest
    left join ranked_sources
        on
            newest.data_through > ranked_sources.complete_through
            and ranked_sources.place = 1
)

select * from held_back
