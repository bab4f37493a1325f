-- The last change of an attribute on a day holds from that day until the day of the next one.
{{ config(materialized='view') }}

with
attribute_history as (
    select * from {{ ref('stg_attribute_history') }}
),

with_next as (
    select
        entity,
        entity_id,
        attribute,
        value,
        {{ segmentation.day_of('valid_from') }} as valid_from_date,
        lead({{ segmentation.day_of('valid_from') }}) over (
            partition by entity, entity_id, attribute
            order by valid_from
        ) as valid_to_date
    from attribute_history
),

lasting as (
    select *
    from with_next
    where valid_to_date is null or valid_to_date > valid_from_date
)

select * from lasting
