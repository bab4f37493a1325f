{{ config(meta={'private_traits': segmentation.private_traits()}) }}

with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

user_lifecycle_segments as (
    select * from {{ ref('user_lifecycle_segments') }}
    where {{ segmentation.at_newest_date() }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

segment_lists as (
    select
        user_id,
        as_of_date,
        cast(count(*) as bigint) as segment_count,
        {{ segmentation.listed_in_order('segment') }} as segments
    from user_segments
    group by user_id, as_of_date
),

newest as (
    select
        user_features.user_id,
        user_features.account_id,
        user_lifecycle_segments.segment as lifecycle_segment,
        -- The name of before; gone in the next version.
        user_lifecycle_segments.segment as primary_segment,
        coalesce(segment_lists.segments, '') as segments,
        {%- for columns in segmentation.feature_families().values() %}
        {%- for column in columns %}
        user_features.{{ column }},
        {%- endfor %}
        {%- endfor %}
        coalesce(segment_lists.segment_count, 0) as segment_count,
        user_features.as_of_date,
        data_through.data_through
    from user_features
    cross join data_through
    left join segment_lists
        on
            user_features.user_id = segment_lists.user_id
            and user_features.as_of_date = segment_lists.as_of_date
    left join user_lifecycle_segments
        on
            user_features.user_id = user_lifecycle_segments.user_id
            and user_features.as_of_date = user_lifecycle_segments.as_of_date
)

select * from newest
