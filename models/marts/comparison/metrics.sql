{%- set north_star = segmentation._north_star_name() -%}
-- The registry of metrics as a table, so that whoever shows a metric can join its label and unit.
with
definitions as (
    {%- for metric in segmentation.metrics() %}
    select
        {%- for field in ['name', 'label', 'description', 'kind'] %}
        {{ segmentation.text_literal(metric[field]) }} as {{ 'metric' if field == 'name' else field }},
        {%- endfor %}
        {{ segmentation.text_literal(segmentation.metric_definition(metric)) }} as definition,
        {{ segmentation.text_literal(metric.unit) }} as unit,
        {{ segmentation.text_literal(metric.level) }} as level,  -- noqa: RF04
        {{ segmentation.text_or_null(metric.direction) }} as direction,
        {{ segmentation.text_literal(metric.tier) }} as tier,
        {{ segmentation.text_literal(metric.owner) }} as owner,  -- noqa: RF04
        {{ 'true' if metric.is_heavy_tailed else 'false' }} as is_heavy_tailed,
        {{ 'true' if metric.adds_up else 'false' }} as adds_up,
        {{ 'true' if metric.name == north_star else 'false' }} as is_north_star
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

data_through as (
    select * from {{ ref('data_through') }}
),

stamped as (
    select
        definitions.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from definitions
    cross join data_through
)

select * from stamped
