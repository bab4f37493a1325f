-- The day before the newest arrival is the last one that is complete; the variable as_of_date overrides it.
with
events as (
    select * from {{ ref('stg_events') }}
),

newest as (
    select
        {% if var('as_of_date') -%}
        cast('{{ var('as_of_date') }}' as date) as data_through,
        {%- else -%}
        {{ segmentation.days_before('cast(max(received_at) as date)', 1) }} as data_through,
        {%- endif %}
        max(received_at) as newest_received_at
    from events
)

select * from newest
