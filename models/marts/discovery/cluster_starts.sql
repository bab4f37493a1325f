{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
-- Users at even steps along the sum of all features: no chance is involved, so that the same data give the same
-- clusters.
with
cluster_values as (
    select * from {{ ref('cluster_values') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

moments as (
    select
        {%- for feature in features %}
        avg(value_{{ loop.index }}) as mean_{{ loop.index }},
        stddev_pop(value_{{ loop.index }}) as deviation_{{ loop.index }},
        {%- endfor %}
        cast(count(*) as bigint) as users
    from cluster_values
),

points as (
    {{ segmentation.standardized_values('cluster_values', 'moments', features | length, ['user_id']) }}
),

places as (
    select
        *,
        row_number() over (
            order by
                {%- for feature in features %}
                {{ '+ ' if not loop.first }}x{{ loop.index }}
                {%- endfor %},
                user_id
        ) as place
    from points
),

clusters as (
    {%- for cluster in range(1, settings.count + 1) %}
    select cast({{ cluster }} as bigint) as cluster
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

features as (
    {%- for feature in features %}
    select
        '{{ feature.name }}' as feature,
        cast({{ loop.index }} as bigint) as feature_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

starts as (
    select
        features.feature,
        features.feature_number,
        clusters.cluster,
        case features.feature_number
            {%- for feature in features %}
            when {{ loop.index }} then places.x{{ loop.index }}
            {%- endfor %}
        end as centroid_standardized,
        case features.feature_number
            {%- for feature in features %}
            when {{ loop.index }} then moments.mean_{{ loop.index }}
            {%- endfor %}
        end as feature_mean,
        case features.feature_number
            {%- for feature in features %}
            when {{ loop.index }} then moments.deviation_{{ loop.index }}
            {%- endfor %}
        end as feature_standard_deviation,
        moments.users as fitted_users,
        data_through.data_through
    from clusters
    cross join features
    cross join moments
    cross join data_through
    inner join places
        on places.place = 1 + floor((clusters.cluster - 5e-1) * moments.users / {{ settings.count }}e0)
)

select * from starts
