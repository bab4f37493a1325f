{{ config(
    enabled=segmentation.setting('discovery').get('clusters', false),
    schema='state',
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook=[
        "{{ segmentation.rename_column('centroid_standardised', 'centroid_standardized') }}",
        "{{ segmentation.backup_state('drop') }}", "{{ segmentation.backup_state('copy') }}",
    ]
) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
{%- set k = settings.count -%}
{%- set settings_hash = local_md5(tojson([features, k, settings.iterations], sort_keys=true)) -%}
-- Fitted anew only when a fit is due; until then users are assigned to the stored centroids, so that a cluster stays
-- the same people. When nothing is due, today's fit is passed over.
with recursive
data_through as (
    select * from {{ ref('data_through') }}
),

cluster_values as (
    select * from {{ ref('cluster_values') }}
),

cluster_fit as (
    select * from {{ ref('cluster_fit') }}
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
        -- A fit is kept: never one of a day that is running.
        not data_through.is_provisional
        and (
            previous_fit.as_of_date is null
            or previous_fit.settings_hash != '{{ settings_hash }}'
            or {{ segmentation.days_between('previous_fit.as_of_date', 'data_through.data_through') }}
            >= {{ settings.refit_days }}
        )
),

-- Today's fit, with numbers that say nothing beyond it.
fitted as (
    select cluster_fit.*
    from cluster_fit
    cross join due
),

centroid_row as (
    {{ segmentation.centroids_in_a_row('fitted', features | length, k) }}
),

points as (
    {{ segmentation.standardized_values('cluster_values', 'centroid_row', features | length, ['user_id']) }}
),

{{ segmentation.nearest_centroid('nearest', 'points', 'user_id', 'centroid_row', features | length, k) }},

cluster_sizes as (
    select
        cluster,
        cast(count(*) as bigint) as users,
        sum(distance) as inertia
    from nearest
    group by cluster
),

fitted_order as (
    select
        cluster as fitted_cluster,
        row_number() over (order by sum(centroid_standardized), cluster) as place
    from fitted
    group by cluster
),

-- How far each is from each of the previous version, by the features that both have.
pairs as (
    select
        fitted.cluster as fitted_cluster,
        previous_centroids.cluster,
        sum(power(fitted.centroid_standardized - coalesce(
            {{ segmentation.standardized(
                'previous_centroids.centroid', 'fitted.feature_mean', 'fitted.feature_standard_deviation'
            ) }}, 0e0
        ), 2)) as distance
    from fitted
    inner join previous_centroids on fitted.feature = previous_centroids.feature
    group by fitted.cluster, previous_centroids.cluster
),

ranked_pairs as (
    select
        *,
        cast(fitted_cluster as {{ dbt.type_string() }}) as fitted_name,
        cast(cluster as {{ dbt.type_string() }}) as cluster_name,
        row_number() over (order by distance, cluster, fitted_cluster) as place
    from pairs
),

-- The nearest pair keeps its number, then the nearest of those that are left, and so on through 9 × 9 pairs at most.
-- The text lists what is matched so far, as in `,2=1,4=3,`.
matching as (
    select
        cast(',' as {{ dbt.type_string() }}) as matched_pairs,
        cast(0 as bigint) as place
    from due
    union all
    select
        matching.matched_pairs || case
            when
                matching.matched_pairs like '%,' || ranked_pairs.fitted_name || '=%'
                or matching.matched_pairs like '%=' || ranked_pairs.cluster_name || ',%'
                then ''
            else ranked_pairs.fitted_name || '=' || ranked_pairs.cluster_name || ','
        end as matched_pairs,
        ranked_pairs.place
    from matching
    inner join ranked_pairs on matching.place + 1 = ranked_pairs.place
),

matches as (
    select
        ranked_pairs.fitted_cluster,
        ranked_pairs.cluster,
        ranked_pairs.distance
    from ranked_pairs
    inner join matching
        on
            ranked_pairs.place = matching.place
            and matching.matched_pairs like '%,' || ranked_pairs.fitted_name || '=' || ranked_pairs.cluster_name || ','
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
        fitted.feature_mean + fitted.centroid_standardized * fitted.feature_standard_deviation as centroid,
        fitted.centroid_standardized,
        fitted.feature_mean,
        fitted.feature_standard_deviation,
        coalesce(cluster_sizes.users, 0) as users,
        coalesce(cluster_sizes.users, 0) / nullif(cast(fitted.fitted_users as double), 0e0) as share,
        coalesce(cluster_sizes.inertia, 0e0) as inertia,
        numbered.distance_to_previous,
        due.as_of_date,
        data_through.data_through
    from fitted
    inner join numbered on fitted.cluster = numbered.fitted_cluster
    cross join due
    cross join data_through
    left join cluster_sizes on fitted.cluster = cluster_sizes.cluster
)

select * from centroids
