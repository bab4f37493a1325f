{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
{{ config(materialized='iterated', start='cluster_resamples', steps=settings.iterations | default(1)) }}
-- One iteration of Lloyd's algorithm in each half, as in cluster_fit.
with
last_step as (
    select * from {{ segmentation.last_step(ref('cluster_resamples')) }}
),

cluster_values as (
    select * from {{ ref('cluster_values') }}
),

centroids as (
    {{ segmentation.centroids_in_a_row('last_step', features | length, settings.count, by='resample') }}
),

scales as (
    {{ segmentation.centroids_in_a_row('last_step', features | length, 1) }}
),

points as (
    {{ segmentation.standardized_values('cluster_values', 'scales', features | length, ['user_id', 'account_key']) }}
),

resampled as (
    select
        points.*,
        centroids.resample
    from points
    inner join centroids
        on centroids.resample % 2 != {{ segmentation.hash_half(
            "points.account_key || '/' || cast(cast(floor((centroids.resample + 1) / 2e0) as bigint) as " ~ dbt.type_string() ~ ")"
        ) }}
),

{{ segmentation.nearest_centroid(
    'nearest', 'resampled', 'user_id', 'centroids', features | length, settings.count, by='resample', same=true
) }},

means as (
    select
        resample,
        cluster,
        {%- for feature in features %}
        avg(x{{ loop.index }}) as x{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from nearest
    group by resample, cluster
),

next_step as (
    select
        last_step.feature,
        last_step.resample,
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
    left join means
        on
            last_step.resample = means.resample
            and last_step.cluster = means.cluster
)

select * from next_step
