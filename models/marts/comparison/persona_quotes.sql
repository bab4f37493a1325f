{{ config(materialized='view') }}

with
data_through as (
    select * from {{ ref('data_through') }}
),

written as (
    select * from {{ segmentation.personas() }}
),

quotes as (
    select
        {{ segmentation.trimmed_text('written.segment') }} as segment,
        {{ segmentation.trimmed_text('written.name') }} as persona,
        {{ segmentation.trimmed_text('written.quotes') }} as quotes,
        data_through.data_through as as_of_date,
        data_through.data_through
    from written
    cross join data_through
    where {{ segmentation.trimmed_text('written.quotes') }} is not null
)

select * from quotes
