{{ config(
    materialized='by_date',
    upstream=['user_features'],
    sized_by='user_features'
) }}
{%- set metrics = segmentation.metrics() %}
{%- set skewed_kinds = ['mean', 'nps', 'ratio'] %}
{#- What the rows say of each metric, as columns of the CTEs below. #}
{%- set columns = {} %}
{%- for metric in metrics %}
{%- set shape = 'shapes.' ~ metric.name ~ '__' %}
{%- set center = '0e0' if metric.kind == 'binary' else 'centers.' ~ metric.name ~ '__center' %}
{%- do columns.update({metric.name: {
    'cap': 'caps.' ~ metric.name ~ '__cap' if metric.is_heavy_tailed else none,
    'weight_cap': 'caps.' ~ metric.name ~ '__weight__cap' if metric.is_heavy_tailed and metric.kind == 'ratio' else none,
    'mean': 'centers.' ~ metric.name ~ '__mean' if metric.kind == 'binary' else center,
    'center': center,
    'raw_center': '0e0' if metric.is_heavy_tailed else center,
    'size': 'coalesce(' ~ shape ~ 'size, 0e0)',
    'raw_size': 'coalesce(' ~ shape ~ ('raw_size' if metric.is_heavy_tailed else 'size') ~ ', 0e0)',
}}) %}
{%- for power in ['n', 'total', 'squares', 'cubes'] %}
{%- do columns[metric.name].update({power: shape ~ power if metric.kind in skewed_kinds else none}) %}
{%- endfor %}
{%- endfor %}

-- Every metric is handled as a ratio Σx / Σw with the user as the unit; for all kinds but `ratio` every weight is 1.
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

metric_names as (
    {%- for metric in metrics %}
    select
        '{{ metric.name }}' as metric,
        '{{ metric.kind }}' as kind,
        '{{ metric.tier }}' as tier,
        {{ 'true' if metric.adds_up else 'false' }} as adds_up
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

metric_values as (
    {{ segmentation.user_metric_values(metrics) }}
),

-- A cap at the smallest value would leave nothing: then there is none.
caps as (
    select
        {%- for metric in metrics if metric.is_heavy_tailed %}
        {%- for column in [metric.name] + ([metric.name ~ '__weight'] if metric.kind == 'ratio' else []) %}
        nullif(
            percentile_disc({{ segmentation.setting('winsorize_at') }}) within group (order by {{ column }}),
            min({{ column }})
        ) as {{ column }}__cap,
        {%- endfor %}
        {%- endfor %}
        as_of_date
    from metric_values
    group by as_of_date
),

capped_values as (
    select
        {%- for metric in metrics %}
        {{ segmentation.capped_value(metric, 'metric_values', 'caps') }} as {{ metric.name }},
        {%- if metric.kind == 'ratio' %}
        {{ segmentation.capped_value(metric, 'metric_values', 'caps', weight=true) }} as {{ metric.name }}__weight,
        {%- endif %}
        {%- if metric.is_heavy_tailed %}
        metric_values.{{ metric.name }} as {{ metric.name }}__raw,
        {%- endif %}
        {%- endfor %}
        metric_values.as_of_date
    from metric_values
    inner join caps on metric_values.as_of_date = caps.as_of_date
),

-- Zeros and ones need no center: their sums are exact as they are.
centers as (
    select
        {%- for metric in metrics %}
        {%- if metric.kind == 'binary' %}
        coalesce(avg({{ metric.name }}), 0e0) as {{ metric.name }}__mean,
        {%- elif metric.kind == 'ratio' %}
        coalesce(sum({{ metric.name }}) / nullif(sum({{ metric.name }}__weight), 0), 0e0) as {{ metric.name }}__center,
        {%- else %}
        coalesce(avg({{ metric.name }}), 0e0) as {{ metric.name }}__center,
        {%- endif %}
        {%- endfor %}
        as_of_date
    from capped_values
    group by as_of_date
),

centered_values as (
    select
        {%- for metric in metrics %}
        abs(capped_values.{{ metric.name }}) as {{ metric.name }}__size,
        {%- if metric.is_heavy_tailed %}
        abs(capped_values.{{ metric.name }}__raw) as {{ metric.name }}__raw_size,
        {%- endif %}
        {%- if metric.kind in skewed_kinds %}
        {{ segmentation.centered_value(
            metric, 'capped_values.' ~ metric.name, 'capped_values.' ~ metric.name ~ '__weight', 'centers'
        ) }} as {{ metric.name }},
        {%- endif %}
        {%- endfor %}
        capped_values.as_of_date
    from capped_values
    inner join centers on capped_values.as_of_date = centers.as_of_date
),

-- Shape of the whole population: sums of sizes, by which a residue is told from a number, and powers for the skew.
shapes as (
    select
        {%- for metric in metrics %}
        sum({{ metric.name }}__size) as {{ metric.name }}__size,
        {%- if metric.is_heavy_tailed %}
        sum({{ metric.name }}__raw_size) as {{ metric.name }}__raw_size,
        {%- endif %}
        {%- if metric.kind in skewed_kinds %}
        cast(count({{ metric.name }}) as double) as {{ metric.name }}__n,
        sum({{ metric.name }}) as {{ metric.name }}__total,
        sum({{ metric.name }} * {{ metric.name }}) as {{ metric.name }}__squares,
        sum({{ metric.name }} * {{ metric.name }} * {{ metric.name }}) as {{ metric.name }}__cubes,
        {%- endif %}
        {%- endfor %}
        as_of_date
    from centered_values
    group by as_of_date
),

rulers as (
    select
        metric_names.metric,
        metric_names.kind,
        metric_names.tier,
        {%- for name in columns[metrics[0].name] %}
        {{ segmentation.pick_column('metric_names.metric', columns, name) }} as {{ name }},
        {%- endfor %}
        metric_names.adds_up,
        shapes.as_of_date
    from shapes
    inner join centers on shapes.as_of_date = centers.as_of_date
    inner join caps on shapes.as_of_date = caps.as_of_date
    cross join metric_names
),

final as (
    select
        metric,
        kind,
        tier,
        cap,
        weight_cap,
        mean,
        center,
        raw_center,
        size,
        raw_size,
        {{ segmentation.skewness_from_sums('n', 'total', 'squares', 'cubes') }} as skew,
        adds_up,
        cap is not null or weight_cap is not null as is_winsorized,
        as_of_date
    from rulers
)

select * from final
