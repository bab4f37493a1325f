-- Every segment, metric and date has a row for the baseline rest, also where the segment is empty.
with
metrics as (
    {%- for metric in segmentation.metrics() | rejectattr('kind', 'eq', 'ratio') %}
    select '{{ metric.name }}' as metric
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

expected as (
    select
        segments.segment,
        metrics.metric,
        as_of_dates.as_of_date
    from {{ ref('segments') }} as segments
    cross join metrics
    cross join {{ ref('as_of_dates') }} as as_of_dates
),

segment_comparison as (
    select * from {{ ref('segment_comparison') }}
    where baseline = 'rest'
),

failures as (
    select
        'segment_comparison: ' || coalesce(expected.segment, segment_comparison.segment) || ', '
        || coalesce(expected.metric, segment_comparison.metric) || ' on '
        || cast(coalesce(expected.as_of_date, segment_comparison.as_of_date) as {{ dbt.type_string() }})
        || case when expected.segment is null then ' should not be there' else ' is missing' end
        || '. Look at the joins of models/marts/segment_comparison.sql.' as message
    from expected
    full outer join segment_comparison
        on
            expected.segment = segment_comparison.segment
            and expected.metric = segment_comparison.metric
            and expected.as_of_date = segment_comparison.as_of_date
    where expected.segment is null or segment_comparison.segment is null
)

select * from failures
