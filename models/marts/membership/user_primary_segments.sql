-- The name of before for user_lifecycle_segments; gone in the next version.
with
user_lifecycle_segments as (
    select
        user_id,
        segment,
        as_of_date,
        data_through
    from {{ ref('user_lifecycle_segments') }}
)

select * from user_lifecycle_segments
