{{ config(
    enabled=segmentation.setting('discovery').get('clusters', false),
    schema='state',
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook=["{{ segmentation.backup_state('drop') }}", "{{ segmentation.backup_state('copy') }}"]
) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
{%- set k = settings.count -%}
{%- set settings_hash = local_md5(tojson([features, k, settings.iterations], sort_keys=true)) -%}
-- Fitted anew only when a fit is due; until then users are assigned to the stored centroids, so that a cluster stays
-- the same people. When nothing is due, every step below is empty.
with
data_through as (
    select * from {{ ref('data_through') }}
),

user_features as (
    select * from {{ ref('user_features') }}
),

stored as (
    {%- if is_incremental() %}
    select
        feature,
        settings_hash,
        version,
        cluster,
        centroid,
        as_of_date
    from {{ this }}
    {%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as {{ dbt.type_string() }}) as settings_hash,
        cast(null as bigint) as version,
        cast(null as bigint) as cluster,
        cast(null as double) as centroid,
        cast(null as date) as as_of_date
    from data_through
    where 1 = 0
    {%- endif %}
),

last_version as (
    select
        max(version) as version,
        coalesce(max(cluster), 0) as highest_cluster
    from stored
),

-- A fit of a later day, of a build that has been taken back, is passed over.
past_fits as (
    select
        stored.version,
        row_number() over (order by stored.as_of_date desc, stored.version desc) as place
    from stored
    cross join data_through
    where stored.as_of_date <= data_through.data_through
    group by stored.version, stored.as_of_date
),

previous_centroids as (
    select stored.*
    from stored
    inner join past_fits on stored.version = past_fits.version
    where past_fits.place = 1
),

previous_fit as (
    select
        max(settings_hash) as settings_hash,
        max(as_of_date) as as_of_date
    from previous_centroids
),

due as (
    select
        coalesce(last_version.version, 0) + 1 as version,
        last_version.highest_cluster,
        data_through.data_through as as_of_date
    from data_through
    cross join last_version
    cross join previous_fit
    where
        previous_fit.as_of_date is null
        or previous_fit.settings_hash != '{{ settings_hash }}'
        or {{ segmentation.days_between('previous_fit.as_of_date', 'data_through.data_through') }}
        >= {{ settings.refit_days }}
),

feature_values as (
    select
        user_features.user_id,
        {%- for feature in features %}
        cast({{ feature.expression }} as double) as f{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from user_features
    inner join due on user_features.as_of_date = due.as_of_date
    where user_features.active_days_91d > 0
),

moments as (
    select
        {%- for feature in features %}
        avg(f{{ loop.index }}) as mean_{{ loop.index }},
        stddev_pop(f{{ loop.index }}) as deviation_{{ loop.index }},
        {%- endfor %}
        cast(count(*) as double) as users
    from feature_values
),

standardised as (
    select
        feature_values.user_id,
        {%- for feature in features %}
        coalesce(
            {{ segmentation.standardised(
                'feature_values.f' ~ loop.index, 'moments.mean_' ~ loop.index, 'moments.deviation_' ~ loop.index
            ) }}, 0e0
        ) as x{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from feature_values
    cross join moments
),

{{ segmentation.kmeans('kmeans', 'standardised', 'user_id', features | length, k, settings.iterations) }},

cluster_sizes as (
    select
        cluster,
        cast(count(*) as bigint) as users,
        sum(distance) as inertia
    from kmeans_assigned
    group by cluster
),

-- Numbers of this fit, which say nothing beyond it.
fitted as (
    {%- for c in range(1, k + 1) %}
    {%- set is_last = loop.last %}
    {%- for feature in features %}
    select
        '{{ feature.name }}' as feature,
        {{ c }} as fitted_cluster,
        kmeans_{{ settings.iterations }}.c{{ c }}_{{ loop.index }} as centroid_standardised,
        moments.mean_{{ loop.index }} as feature_mean,
        moments.deviation_{{ loop.index }} as feature_standard_deviation
    from kmeans_{{ settings.iterations }}
    cross join moments
    where moments.users > 0
    {{ 'union all' if not (is_last and loop.last) }}
    {%- endfor %}
    {%- endfor %}
),

fitted_order as (
    select
        fitted_cluster,
        row_number() over (order by sum(centroid_standardised), fitted_cluster) as place
    from fitted
    group by fitted_cluster
),

-- How far each is from each of the previous version, by the features that both have.
pairs_1 as (
    select
        fitted.fitted_cluster,
        previous_centroids.cluster,
        sum(power(fitted.centroid_standardised - coalesce(
            {{ segmentation.standardised(
                'previous_centroids.centroid', 'fitted.feature_mean', 'fitted.feature_standard_deviation'
            ) }}, 0e0
        ), 2)) as distance
    from fitted
    inner join previous_centroids on fitted.feature = previous_centroids.feature
    group by fitted.fitted_cluster, previous_centroids.cluster
),

-- The nearest pair keeps its number, then the nearest of those that are left, and so on.
{%- for round in range(1, k + 1) %}

ranked_{{ round }} as (
    select
        *,
        row_number() over (order by distance, cluster, fitted_cluster) as place
    from pairs_{{ round }}
),

match_{{ round }} as (
    select
        fitted_cluster,
        cluster,
        distance
    from ranked_{{ round }}
    where place = 1
),
{%- if not loop.last %}

pairs_{{ round + 1 }} as (
    select pairs_{{ round }}.*
    from pairs_{{ round }}
    cross join match_{{ round }}
    where
        pairs_{{ round }}.fitted_cluster != match_{{ round }}.fitted_cluster
        and pairs_{{ round }}.cluster != match_{{ round }}.cluster
),
{%- endif %}
{%- endfor %}

matches as (
    {%- for round in range(1, k + 1) %}
    select * from match_{{ round }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Who resembles none gets a number that was never used.
numbered as (
    select
        fitted_order.fitted_cluster,
        coalesce(
            matches.cluster,
            due.highest_cluster + row_number() over (
                partition by case when matches.cluster is null then 1 else 0 end
                order by fitted_order.place
            )
        ) as cluster,
        sqrt(matches.distance) as distance_to_previous
    from fitted_order
    cross join due
    left join matches on fitted_order.fitted_cluster = matches.fitted_cluster
),

centroids as (
    select
        fitted.feature,
        '{{ settings_hash }}' as settings_hash,
        cast(due.version as bigint) as version,
        cast(numbered.cluster as bigint) as cluster,
        fitted.feature_mean + fitted.centroid_standardised * fitted.feature_standard_deviation as centroid,
        fitted.centroid_standardised,
        fitted.feature_mean,
        fitted.feature_standard_deviation,
        coalesce(cluster_sizes.users, 0) as users,
        coalesce(cluster_sizes.users, 0) / nullif(moments.users, 0e0) as share,
        coalesce(cluster_sizes.inertia, 0e0) as inertia,
        numbered.distance_to_previous,
        due.as_of_date,
        data_through.data_through
    from fitted
    inner join numbered on fitted.fitted_cluster = numbered.fitted_cluster
    cross join due
    cross join moments
    cross join data_through
    left join cluster_sizes on fitted.fitted_cluster = cluster_sizes.cluster
)

select * from centroids
