{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
with
data_through as (
    select * from {{ ref('data_through') }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where
        {{ segmentation.at_newest_date() }}
        and active_days_91d > 0
),

cluster_centroids as (
    select * from {{ ref('cluster_centroids') }}
),

-- Not a fit of a later day, of a build that has been taken back.
past_fits as (
    select
        cluster_centroids.version,
        row_number() over (order by cluster_centroids.as_of_date desc, cluster_centroids.version desc) as place
    from cluster_centroids
    cross join data_through
    where cluster_centroids.as_of_date <= data_through.data_through
    group by cluster_centroids.version, cluster_centroids.as_of_date
),

last_version as (
    select version from past_fits
    where place = 1
),

centroids as (
    select
        cluster_centroids.cluster,
        cluster_centroids.version,
        max(cluster_centroids.users) as fitted_users,
        {%- for feature in features %}
        max(
            case when cluster_centroids.feature = '{{ feature.name }}' then cluster_centroids.centroid_standardized end
        ) as c{{ loop.index }},
        max(
            case when cluster_centroids.feature = '{{ feature.name }}' then cluster_centroids.feature_mean end
        ) as mean_{{ loop.index }},
        max(
            case
                when cluster_centroids.feature = '{{ feature.name }}'
                    then cluster_centroids.feature_standard_deviation
            end
        ) as deviation_{{ loop.index }},
        {%- endfor %}
        min(cluster_centroids.as_of_date) as fitted_on
    from cluster_centroids
    inner join last_version on cluster_centroids.version = last_version.version
    group by cluster_centroids.cluster, cluster_centroids.version
),

feature_values as (
    select
        user_id,
        {%- for feature in features %}
        cast({{ feature.expression }} as double) as f{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from user_features
),

-- In the standard deviations of the fit.
standardized as (
    select
        feature_values.user_id,
        centroids.cluster,
        centroids.version,
        centroids.fitted_users,
        {%- for feature in features %}
        coalesce(
            {{ segmentation.standardized(
                'feature_values.f' ~ loop.index, 'centroids.mean_' ~ loop.index, 'centroids.deviation_' ~ loop.index
            ) }}, 0e0
        ) - centroids.c{{ loop.index }} as away_{{ loop.index }},
        {%- endfor %}
        centroids.fitted_on
    from feature_values
    cross join centroids
),

distances as (
    select
        user_id,
        cluster,
        version,
        fitted_users,
        sqrt(
            {%- for feature in features %}
            {{ '+ ' if not loop.first }}away_{{ loop.index }} * away_{{ loop.index }}
            {%- endfor %}
        ) as distance,
        fitted_on
    from standardized
),

-- Of equal centroids only one has users.
ranked as (
    select
        *,
        row_number() over (partition by user_id order by distance, -fitted_users, cluster) as place
    from distances
),

nearest as (
    select
        user_id,
        max(case when place = 1 then cluster end) as cluster,
        max(version) as version,
        max(case when place = 1 then distance end) as distance,
        max(case when place = 2 then distance end) as next_distance,
        max(fitted_on) as fitted_on
    from ranked
    where place <= 2
    group by user_id
),

user_clusters as (
    select
        nearest.user_id,
        nearest.cluster,
        nearest.version,
        nearest.distance,
        nearest.next_distance,
        nearest.fitted_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from nearest
    cross join data_through
)

select * from user_clusters
