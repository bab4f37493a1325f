{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}

-- Everybody active in 91 days is in a cluster of the newest version; on the date of its fit clusters have the users
-- that the fit counted, unless somebody whom it counted was forgotten since; and the fit's shares add up to 1.
with
user_clusters as (
    select * from {{ ref('user_clusters') }}
),

centroids as (
    select
        version,
        cluster,
        max(users) as users,
        max(share) as share,
        max(as_of_date) as as_of_date
    from {{ ref('cluster_centroids') }}
    group by version, cluster
),

forgotten_users as (
    select * from {{ ref('forgotten_users') }}
),

users_in_use as (
    select user_features.user_id
    from {{ ref('user_features') }} as user_features
    inner join {{ ref('data_through') }} as data_through on user_features.as_of_date = data_through.data_through
    where user_features.active_days_91d > 0
),

counts as (
    select
        version,
        cluster,
        max(as_of_date) as as_of_date,
        count(*) as users
    from user_clusters
    group by version, cluster
),

failures as (
    select
        'user_clusters: user ' || coalesce(users_in_use.user_id, user_clusters.user_id)
        || ' is in use or here, but not both.' as message
    from users_in_use
    full outer join user_clusters on users_in_use.user_id = user_clusters.user_id
    where users_in_use.user_id is null or user_clusters.user_id is null
    union all
    select
        'user_clusters: cluster ' || cast(counts.cluster as {{ dbt.type_string() }}) || ' has '
        || cast(counts.users as {{ dbt.type_string() }}) || ' users, and its fit counted '
        || coalesce(cast(centroids.users as {{ dbt.type_string() }}), 'none') || '.' as message
    from counts
    left join centroids
        on
            counts.version = centroids.version
            and counts.cluster = centroids.cluster
    where
        centroids.version is null
        or (
            counts.as_of_date = centroids.as_of_date
            and counts.users != centroids.users
            and (select count(*) from forgotten_users) = 0
        )
    union all
    select
        'cluster_centroids: the shares of version ' || cast(version as {{ dbt.type_string() }})
        || ' do not add up to 1.' as message
    from centroids
    group by version
    having not coalesce(abs(sum(share) - 1) < 1e-9, false)
)

select * from failures
