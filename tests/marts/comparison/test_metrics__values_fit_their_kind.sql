-- A metric's values are what its kind says: 0 or 1, -100, 0 or 100, parts of a ratio that are there together and not
-- negative below. Otherwise the comparison would use a formula that does not hold.
with
user_features as (
    select * from {{ ref('user_features') }}
),

registered as (
    select * from {{ ref('metrics') }}
),

values_by_metric as (
    {%- for metric in segmentation.metrics() %}
    {%- set is_ratio = metric.kind == 'ratio' %}
    select
        '{{ metric.name }}' as metric,
        cast({{ metric.numerator if is_ratio else metric.expression }} as double) as metric_value,
        cast({{ metric.denominator if is_ratio else 1 }} as double) as denominator
    from user_features
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

broken as (
    select
        registered.metric,
        registered.kind,
        count(case
            when registered.kind = 'binary' and values_by_metric.metric_value not in (0, 1) then 1
            when registered.kind = 'nps' and values_by_metric.metric_value not in (-100, 0, 100) then 1
            when registered.kind = 'ratio'
                and (
                    values_by_metric.denominator < 0
                    or (values_by_metric.metric_value is null) != (values_by_metric.denominator is null)
                ) then 1
        end) as broken_values,
        count(values_by_metric.metric) as all_values
    from registered
    left join values_by_metric on registered.metric = values_by_metric.metric
    group by registered.metric, registered.kind
),

failures as (
    select
        'metrics: ' || metric || ' has ' || cast(broken_values as {{ dbt.type_string() }}) || ' of '
        || cast(all_values as {{ dbt.type_string() }}) || ' values that do not fit the kind ' || kind
        || '. Look at its entry in metrics().' as message
    from broken
    where broken_values > 0 or all_values = 0
)

select * from failures
