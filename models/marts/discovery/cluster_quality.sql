{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
{%- set numbers = range(1, features | length + 1) -%}
-- k-means finds k clusters in anything. Are they the same if other accounts are asked, and are they apart?
with
data_through as (
    select * from {{ ref('data_through') }}
),

cluster_values as (
    select * from {{ ref('cluster_values') }}
),

user_clusters as (
    select * from {{ ref('user_clusters') }}
),

cluster_resample_fit as (
    select * from {{ ref('cluster_resample_fit') }}
),

scales as (
    {{ segmentation.centroids_in_a_row('cluster_resample_fit', features | length, 1) }}
),

centroids as (
    {{ segmentation.centroids_in_a_row('cluster_resample_fit', features | length, settings.count, by='resample') }}
),

points as (
    {{ segmentation.standardized_values('cluster_values', 'scales', features | length, ['user_id', 'account_key']) }}
),

clustered as (
    select
        points.*,
        user_clusters.cluster,
        user_clusters.version
    from points
    inner join user_clusters on points.user_id = user_clusters.user_id
),

{{ segmentation.nearest_centroid(
    'nearest', 'points', 'user_id', 'centroids', features | length, settings.count, by='resample'
) }},

-- The clusters that are kept, beside those of each half.
matched as (
    select
        nearest.resample,
        user_clusters.cluster,
        nearest.cluster as half_cluster,
        cast(count(*) as double) as users
    from nearest
    inner join user_clusters on nearest.user_id = user_clusters.user_id
    group by nearest.resample, user_clusters.cluster, nearest.cluster
),

similarities as (
    select
        resample,
        cluster,
        users / (
            sum(users) over (partition by resample, cluster)
            + sum(users) over (partition by resample, half_cluster)
            - users
        ) as jaccard
    from matched
),

best_matches as (
    select
        resample,
        cluster,
        max(jaccard) as jaccard
    from similarities
    group by resample, cluster
),

recoveries as (
    select
        cluster,
        avg(jaccard) as recovery
    from best_matches
    group by cluster
),

-- The two halves of each split, on all users.
crossed as (
    select
        one.resample,
        one.cluster as one_cluster,
        other.cluster as other_cluster,
        cast(count(*) as double) as users
    from nearest as one
    inner join nearest as other
        on
            one.resample + 1 = other.resample
            and one.user_id = other.user_id
    where one.resample % 2 = 1
    group by one.resample, one.cluster, other.cluster
),
{%- for side in ['one', 'other'] %}

{{ side }}_totals as (
    select
        resample,
        {{ side }}_cluster,
        sum(users) as users
    from crossed
    group by resample, {{ side }}_cluster
),

{{ side }}_pairs as (
    select
        resample,
        sum(users * (users - 1e0) / 2e0) as pairs,
        sum(users) as users
    from {{ side }}_totals
    group by resample
),
{%- endfor %}

crossed_pairs as (
    select
        resample,
        sum(users * (users - 1e0) / 2e0) as pairs
    from crossed
    group by resample
),

agreements as (
    select
        crossed_pairs.resample,
        crossed_pairs.pairs as together,
        (one_pairs.pairs + other_pairs.pairs) / 2e0 as most,
        one_pairs.pairs * other_pairs.pairs
        / nullif(one_pairs.users * (one_pairs.users - 1e0) / 2e0, 0e0) as by_chance
    from crossed_pairs
    inner join one_pairs on crossed_pairs.resample = one_pairs.resample
    inner join other_pairs on crossed_pairs.resample = other_pairs.resample
),

agreement as (
    select
        avg((together - by_chance) / nullif(most - by_chance, 0e0)) as adjusted_rand_index,
        cast(count(*) as bigint) as splits
    from agreements
),

-- Mean squared distances to the users of a cluster follow from its center and its spread.
centers as (
    select
        cluster,
        {%- for number in numbers %}
        avg(x{{ number }}) as m{{ number }},
        {%- endfor %}
        {%- for number in numbers %}
        {{ '+ ' if not loop.first }}var_pop(x{{ number }})
        {%- endfor %} as spread,
        cast(count(*) as double) as users,
        count(distinct account_key) as accounts
    from clustered
    group by cluster
),

distances as (
    select
        clustered.user_id,
        clustered.cluster,
        clustered.cluster = centers.cluster as is_own,
        centers.users,
        (
            {%- for number in numbers %}
            {{ '+ ' if not loop.first }}power(clustered.x{{ number }} - centers.m{{ number }}, 2)
            {%- endfor %}
            + centers.spread
        ) as distance
    from clustered
    cross join centers
),

nearness as (
    select
        user_id,
        cluster,
        -- Oneself is no neighbor.
        max(case when is_own and users > 1 then distance * users / (users - 1e0) end) as own_distance,
        min(case when not is_own then distance end) as other_distance
    from distances
    group by user_id, cluster
),

silhouettes as (
    select
        cluster,
        -- Alone in a cluster: neither near nor far.
        case
            when other_distance is null then cast(null as double)
            when own_distance is null then 0e0
            else coalesce((other_distance - own_distance) / nullif(greatest(other_distance, own_distance), 0e0), 0e0)
        end as silhouette
    from nearness
),

cluster_silhouettes as (
    select
        cluster,
        avg(silhouette) as silhouette
    from silhouettes
    group by cluster
),

mean_silhouette as (
    select avg(silhouette) as mean_silhouette
    from silhouettes
),

totals as (
    select
        count(distinct account_key) as accounts,
        cast(count(*) as double) as users,
        max(version) as version
    from clustered
),

cluster_quality as (
    select
        centers.cluster,
        totals.version,
        case
            -- Each half needs accounts of its own.
            when totals.accounts < 2 * {{ segmentation.setting('min_test_accounts') }} then 'insufficient'
            when agreement.adjusted_rand_index >= 8e-1 then 'stable'
            when agreement.adjusted_rand_index >= 65e-2 then 'moderate'
            else 'unstable'
        end as quality,
        cast(centers.users as bigint) as users,
        cast(centers.accounts as bigint) as accounts,
        centers.users / totals.users as share,
        cluster_silhouettes.silhouette,
        recoveries.recovery,
        mean_silhouette.mean_silhouette,
        agreement.adjusted_rand_index,
        agreement.splits,
        data_through.data_through as as_of_date,
        data_through.data_through
    from centers
    inner join cluster_silhouettes on centers.cluster = cluster_silhouettes.cluster
    left join recoveries on centers.cluster = recoveries.cluster
    cross join mean_silhouette
    cross join agreement
    cross join totals
    cross join data_through
)

select * from cluster_quality
