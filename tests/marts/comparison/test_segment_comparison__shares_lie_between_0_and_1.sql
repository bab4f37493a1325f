-- A share lies between 0 and 1. share_of_total is one only where no value is negative: a part of a total with losses
-- in it can exceed the whole.
with
segment_comparison as (
    select * from {{ ref('segment_comparison') }}
),

user_features as (
    select * from {{ ref('user_features') }}
),

signs as (
    {%- for metric in segmentation.metrics() | rejectattr('kind', 'eq', 'ratio') %}
    select
        '{{ metric.name }}' as metric,
        coalesce(min(cast({{ metric.expression }} as double)), 0e0) < 0e0 as has_negative_values
    from user_features
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

failures as (
    select
        'segment_comparison: ' || segment_comparison.segment || ', ' || segment_comparison.metric || ' on '
        || cast(segment_comparison.as_of_date as {{ dbt.type_string() }}) || ' has a share_of_users of '
        || coalesce(cast(segment_comparison.share_of_users as {{ dbt.type_string() }}), 'NULL')
        || ' and a share_of_total of '
        || coalesce(cast(segment_comparison.share_of_total as {{ dbt.type_string() }}), 'NULL')
        || '. Both must lie between 0 and 1; share_of_users is NULL only if nobody has the metric.' as message
    from segment_comparison
    inner join signs on segment_comparison.metric = signs.metric
    where
        not coalesce(
            segment_comparison.share_of_users between 0 and 1,
            segment_comparison.baseline != 'all' or segment_comparison.baseline_n = 0
        )
        or (
            not signs.has_negative_values
            and not coalesce(segment_comparison.share_of_total between 0 and 1, true)
        )
)

select * from failures
