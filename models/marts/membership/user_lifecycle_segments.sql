-- That there is exactly one is checked before this model runs: test_user_segments__one_lifecycle_segment_each.
with
user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
),

lifecycle_segments as (
    select segment from {{ ref('segments') }}
    where is_lifecycle
),

data_through as (
    select * from {{ ref('data_through') }}
),

memberships as (
    select
        user_segments.user_id,
        user_segments.segment,
        user_segments.as_of_date,
        data_through.data_through
    from user_segments
    inner join lifecycle_segments on user_segments.segment = lifecycle_segments.segment
    cross join data_through
)

select * from memberships
