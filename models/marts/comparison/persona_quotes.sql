{{ config(materialized='view') }}

with
data_through as (
    select * from {{ ref('data_through') }}
),

written as (
    {{ segmentation.personas() }}
),

quotes as (
    select
        written.segment,
        written.name as persona,
        written.quotes,
        data_through.data_through as as_of_date,
        data_through.data_through
    from written
    cross join data_through
    where
        written.quotes is not null
        and written.reject_reason is null
        and not written.is_duplicate
)

select * from quotes
