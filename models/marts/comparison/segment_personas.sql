{{ config(materialized='view') }}

with
data_through as (
    select * from {{ ref('data_through') }}
),

written as (
    select * from {{ segmentation.personas() }}
),

personas as (
    select
        {{ segmentation.trimmed_text('written.segment') }} as segment,
        {{ segmentation.trimmed_text('written.name') }} as persona,
        {%- for column in ['backstory', 'goals', 'frustrations'] %}
        {{ segmentation.trimmed_text('written.' ~ column) }} as {{ column }},
        {%- endfor %}
        data_through.data_through as as_of_date,
        data_through.data_through
    from written
    cross join data_through
)

select * from personas
