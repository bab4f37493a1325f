{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
{{ config(materialized='iterated', start='cluster_starts', steps=settings.iterations | default(1)) }}
-- One iteration of Lloyd's algorithm: each user goes to the nearest centroid, and each centroid to the mean of its
-- users. A cluster that no user is nearest to keeps its centroid.
with
last_step as (
    select * from {{ segmentation.last_step(ref('cluster_starts')) }}
),

cluster_values as (
    select * from {{ ref('cluster_values') }}
),

centroids as (
    {{ segmentation.centroids_in_a_row('last_step', features | length, settings.count) }}
),

points as (
    {{ segmentation.standardized_values('cluster_values', 'centroids', features | length, ['user_id']) }}
),

{{ segmentation.nearest_centroid('nearest', 'points', 'user_id', 'centroids', features | length, settings.count) }},

means as (
    select
        cluster,
        {%- for feature in features %}
        avg(x{{ loop.index }}) as x{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from nearest
    group by cluster
),

next_step as (
    select
        last_step.feature,
        last_step.feature_number,
        last_step.cluster,
        coalesce(
            case last_step.feature_number
                {%- for feature in features %}
                when {{ loop.index }} then means.x{{ loop.index }}
                {%- endfor %}
            end, last_step.centroid_standardized
        ) as centroid_standardized,
        last_step.feature_mean,
        last_step.feature_standard_deviation,
        last_step.fitted_users,
        last_step.data_through
    from last_step
    left join means on last_step.cluster = means.cluster
)

select * from next_step
