-- The variable as_of_date does not lie after the newest arrival. A warning: data_through is then the day of that
-- arrival, which is right, but not what somebody asked for.
{{ config(severity='warn') }}
{%- set as_of_date = segmentation.date_setting('as_of_date') %}
{%- set text = dbt.type_string() %}
with
data_through as (
    select * from {{ ref('data_through') }}
),

failures as (
    select
        'vars: as_of_date: {{ as_of_date }} lies after the newest arrival of an event, '
        || cast(newest_received_at as {{ text }}) || ', so the last day that counts is '
        || cast(data_through as {{ text }})
        || '. Set it to that day or an earlier one, or to null for the day before the newest arrival.' as message
    from data_through
    where {{ "data_through < cast('" ~ as_of_date ~ "' as date)" if as_of_date else '1 = 0' }}
)

select * from failures
