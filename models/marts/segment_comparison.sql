{%- set metrics = segmentation.metrics() | rejectattr('kind', 'eq', 'ratio') | list %}

-- The rest is the population less the segment, so overlapping segments cost nothing extra. Spread comes from sums
-- shifted by the population's mean: exact also where values are large and differences small.
with
user_features as (
    select * from {{ ref('user_features') }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

segments as (
    select * from {{ ref('segments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

metric_values as (
    select
        user_id,
        {%- for metric in metrics %}
        cast({{ metric.expression }} as double) as {{ metric.name }},
        {%- endfor %}
        as_of_date
    from user_features
),

population_means as (
    select
        {%- for metric in metrics %}
        avg({{ metric.name }}) as {{ metric.name }},
        {%- endfor %}
        as_of_date
    from metric_values
    group by as_of_date
),

shifted as (
    select
        metric_values.user_id,
        {%- for metric in metrics %}
        metric_values.{{ metric.name }},
        metric_values.{{ metric.name }} - population_means.{{ metric.name }} as {{ metric.name }}_shifted,
        {%- endfor %}
        metric_values.as_of_date
    from metric_values
    inner join population_means on metric_values.as_of_date = population_means.as_of_date
),

segment_sums_wide as (
    select
        user_segments.segment,
        {{ segmentation.metric_sums(metrics) }},
        shifted.as_of_date
    from user_segments
    inner join shifted
        on
            user_segments.user_id = shifted.user_id
            and user_segments.as_of_date = shifted.as_of_date
    group by user_segments.segment, shifted.as_of_date
),

population_sums_wide as (
    select
        {{ segmentation.metric_sums(metrics) }},
        as_of_date
    from shifted
    group by as_of_date
),

segment_sums as (
    {%- for metric in metrics %}
    select
        segment,
        '{{ metric.name }}' as metric,
        {{ metric.name }}_n as n,
        {{ metric.name }}_total as total,
        {{ metric.name }}_shifted_total as shifted_total,
        {{ metric.name }}_squares as squares,
        as_of_date
    from segment_sums_wide
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

population_sums as (
    {%- for metric in metrics %}
    select
        '{{ metric.name }}' as metric,
        {{ metric.name }}_n as n,
        {{ metric.name }}_total as total,
        {{ metric.name }}_scale as scale,
        {{ metric.name }}_shifted_total as shifted_total,
        {{ metric.name }}_squares as squares,
        as_of_date
    from population_sums_wide
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- One row per date, segment and metric, also where the segment is empty.
sums as (
    select
        segments.segment,
        population_sums.metric,
        population_sums.total as population_total,
        coalesce(segment_sums.n, 0) as n,
        coalesce(segment_sums.total, 0e0) as total,
        coalesce(segment_sums.shifted_total, 0e0) as shifted_total,
        coalesce(segment_sums.squares, 0e0) as squares,
        population_sums.n - coalesce(segment_sums.n, 0) as rest_n,
        {{ segmentation.difference_of_sums(
            'population_sums.total', 'coalesce(segment_sums.total, 0e0)', 'population_sums.scale'
        ) }} as rest_total,
        population_sums.shifted_total - coalesce(segment_sums.shifted_total, 0e0) as rest_shifted_total,
        {{ segmentation.difference_of_sums(
            'population_sums.squares', 'coalesce(segment_sums.squares, 0e0)', 'population_sums.squares'
        ) }} as rest_squares,
        population_sums.as_of_date
    from population_sums
    cross join segments
    left join segment_sums
        on
            segments.segment = segment_sums.segment
            and population_sums.metric = segment_sums.metric
            and population_sums.as_of_date = segment_sums.as_of_date
),

moments as (
    select
        *,
        total / nullif(n, 0) as mean,
        rest_total / nullif(rest_n, 0) as baseline_mean,
        {{ segmentation.standard_deviation_from_sums('n', 'shifted_total', 'squares') }} as standard_deviation,
        {{ segmentation.standard_deviation_from_sums('rest_n', 'rest_shifted_total', 'rest_squares') }}
            as baseline_standard_deviation
    from sums
),

compared as (
    select
        moments.segment,
        'rest' as baseline,
        moments.metric,
        cast(moments.n as bigint) as n,
        cast(moments.rest_n as bigint) as baseline_n,
        moments.n / cast(nullif(moments.n + moments.rest_n, 0) as double) as share_of_users,
        case
            when moments.metric in ({{ segmentation.text_literals(
                metrics | selectattr('adds_up', 'defined') | selectattr('adds_up') | map(attribute='name') | list
            ) }})
                then moments.total / nullif(moments.population_total, 0e0)
        end as share_of_total,
        moments.mean,
        moments.standard_deviation,
        moments.baseline_mean,
        moments.baseline_standard_deviation,
        moments.mean - moments.baseline_mean as difference,
        -- A ratio to nothing, or to less than nothing (an NPS), says nothing.
        case when moments.baseline_mean > 0 then moments.mean / moments.baseline_mean - 1e0 end as lift,
        moments.as_of_date,
        data_through.data_through
    from moments
    cross join data_through
)

select * from compared
