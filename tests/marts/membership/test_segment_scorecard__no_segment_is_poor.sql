-- No segment scores below min_segment_score. It warns and does not stop: the data may change without anybody having
-- changed a segment, and a poor segment is for its owner to look at, not a reason to keep the numbers from everybody.
{{ config(severity='warn') }}

with
segment_scorecard as (
    select * from {{ ref('segment_scorecard') }}
),

failures as (
    select
        'Segment `' || segment || '` (owner: ' || coalesce(owner, 'nobody') || ') scores '
        || cast(score as {{ dbt.type_string() }}) || ' of 100: ' || reasons || '.' as message
    from segment_scorecard
    where grade = 'poor'
)

select * from failures
