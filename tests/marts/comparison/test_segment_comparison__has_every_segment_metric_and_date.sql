-- Every segment, metric and date has a row for each baseline, also where the segment is empty: the two baselines of
-- changes on dates with a date before them, pairs for the segments of comparison_pairs. There are no others.
with
metrics as (
    {%- for metric in segmentation.metrics() %}
    select '{{ metric.name }}' as metric
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

segments as (
    select * from {{ ref('segments') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

baselines as (
    {%- for baseline in ['rest', 'all', 'previous_period', 'difference_in_differences'] %}
    select
        segment,
        '{{ baseline }}' as baseline
    from segments
    {{ 'union all' if not loop.last or segmentation.setting('comparison_pairs') }}
    {%- endfor %}
    {%- for segment, other_segment in segmentation.setting('comparison_pairs') %}
    select
        '{{ segment }}' as segment,
        'segment:{{ other_segment }}' as baseline
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

expected as (
    select
        baselines.segment,
        baselines.baseline,
        metrics.metric,
        as_of_dates.as_of_date
    from baselines
    inner join segments on baselines.segment = segments.segment
    cross join metrics
    cross join as_of_dates
    where
        (segments.retired_on is null or segments.retired_on >= as_of_dates.as_of_date)
        and (
            baselines.baseline not in ('previous_period', 'difference_in_differences')
            or as_of_dates.previous_as_of_date is not null
        )
),

segment_comparison as (
    select * from {{ ref('segment_comparison') }}
),

failures as (
    select
        'segment_comparison: ' || coalesce(expected.segment, segment_comparison.segment) || ' against '
        || coalesce(expected.baseline, segment_comparison.baseline) || ', '
        || coalesce(expected.metric, segment_comparison.metric) || ' on '
        || cast(coalesce(expected.as_of_date, segment_comparison.as_of_date) as {{ dbt.type_string() }})
        || case when expected.segment is null then ' should not be there' else ' is missing' end
        || '. Look at the joins of models/marts/comparison/group_moments.sql.' as message
    from expected
    full outer join segment_comparison
        on
            expected.segment = segment_comparison.segment
            and expected.baseline = segment_comparison.baseline
            and expected.metric = segment_comparison.metric
            and expected.as_of_date = segment_comparison.as_of_date
    where expected.segment is null or segment_comparison.segment is null
)

select * from failures
