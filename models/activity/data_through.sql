{%- set as_of_date = segmentation.date_setting('as_of_date') -%}
-- The day before the newest arrival is the last one that is complete; the variable as_of_date overrides it, but not
-- beyond the newest arrival: nobody knows what happened after it.
with
events as (
    select * from {{ ref('stg_events') }}
),

newest_arrival as (
    select
        max(received_at) as newest_received_at,
        cast(max(received_at) as date) as newest_received_on
    from events
),

newest as (
    select
        {% if as_of_date -%}
        case
            when newest_received_on < cast('{{ as_of_date }}' as date) then newest_received_on
            else cast('{{ as_of_date }}' as date)
        end as data_through,
        {%- else -%}
        {{ segmentation.days_before('newest_received_on', 1) }} as data_through,
        {%- endif %}
        newest_received_at
    from newest_arrival
)

select * from newest
