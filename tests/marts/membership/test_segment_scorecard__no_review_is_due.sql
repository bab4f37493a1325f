-- Every segment was reviewed in the last `review_valid_days`. It warns and does not stop: whether a segment is still
-- useful is for people to say. From twice as long (183 days, two quarters) on it is loud.
{{ config(severity='warn') }}
{%- set valid_days = segmentation.setting('review_valid_days') %}

with
segment_scorecard as (
    select * from {{ ref('segment_scorecard') }}
),

failures as (
    select
        case when review_age_days >= {{ 2 * valid_days - 1 }} then '!!! OVERDUE !!! ' else '' end
        || 'Segment `' || segment || '` (owner: ' || coalesce(owner, 'nobody') || ') was last reviewed '
        || cast(review_age_days as {{ dbt.type_string() }})
        || ' days ago: is it still useful? scripts/review.py (make review) shows what is due.' as message
    from segment_scorecard
    where is_review_expired
)

select * from failures
