-- At the newest date each registered segment holds 1 to 95 % of the accounts: one of nobody or everybody says nothing.
with
segment_sizes as (
    select * from {{ ref('segmentation', 'segment_sizes') }}
),

registered as (
    {%- for segment in segmentation.registered_segments() %}
    select '{{ segment }}' as segment
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

newest_sizes as (
    select
        segment,
        share
    from segment_sizes
    where as_of_date = data_through
),

problems as (
    select
        registered.segment,
        'Segment ' || registered.segment || ' holds the share '
        || coalesce(cast(newest_sizes.share as varchar), '(none)') || '.' as message
    from registered
    left join newest_sizes on registered.segment = newest_sizes.segment
    where not coalesce(newest_sizes.share between 0.01 and 0.95, false)
)

select * from problems
