{{ config(materialized='view') }}
{%- set chosen = segmentation.setting('matrix_attributes') %}
{%- set known = {} %}
{%- for attribute in segmentation.profile_attributes() %}
{%- do known.update({attribute.name: attribute.expression}) %}
{%- endfor %}
{%- set names = segmentation.features() | map(attribute='name') | list + known.keys() | list %}
{%- for name in chosen if name not in names %}
{{- exceptions.raise_compiler_error(
    'vars: matrix_attributes: each must be a feature or an attribute of segment_profiles, got ' ~ tojson(name) ~ '.'
) }}
{%- endfor -%}

-- What cannot be known, since its input is off, is unknown for everybody.
with
population as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

user_values as (
    select
        population.user_id,
        {%- for name in chosen %}
        coalesce(
            cast({{ known.get(name, 'null') }} as {{ dbt.type_string() }}), '__unknown__'
        ) as value_{{ loop.index }},
        {%- endfor %}
        case when population.active_days_28d > 0 then 1 else 0 end as is_active,
        population.distinct_features_28d,
        population.revenue_91d,
        population.as_of_date
    from population
),

segment_matrix as (
    select
        {%- for name in chosen %}
        {{ segmentation.text_literal(name) }} as attribute_{{ loop.index }},
        value_{{ loop.index }},
        {%- endfor %}
        cast(count(*) as bigint) as users,
        cast(sum(is_active) as bigint) as active_users,
        count(*) / cast(sum(count(*)) over () as double) as share_of_users,
        sum(is_active) / cast(count(*) as double) as active_share,
        cast(avg(distinct_features_28d) as double) as mean_distinct_features_28d,
        coalesce(sum(revenue_91d), 0e0) / count(*) as revenue_per_user_91d,
        as_of_date,
        as_of_date as data_through
    from user_values
    group by value_1, value_2, value_3, as_of_date
)

select * from segment_matrix
