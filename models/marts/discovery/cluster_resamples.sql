{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
{%- set settings = segmentation.setting('clusters') -%}
{%- set splits = 5 -%}
-- Five times all accounts are dealt into two halves, each time by another hash; each half starts as everybody does.
with
cluster_values as (
    select * from {{ ref('cluster_values') }}
),

cluster_starts as (
    select * from {{ ref('cluster_starts') }}
),

scales as (
    {{ segmentation.centroids_in_a_row('cluster_starts', features | length, 1) }}
),

points as (
    {{ segmentation.standardized_values('cluster_values', 'scales', features | length, ['user_id', 'account_key']) }}
),

resampled as (
    {%- for split in range(1, splits + 1) %}
    select
        *,
        {{ 2 * split - 1 }} + {{ segmentation.hash_half("account_key || '/" ~ split ~ "'") }} as half
    from points
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

places as (
    select
        *,
        row_number() over (
            partition by half
            order by
                {%- for feature in features %}
                {{ '+ ' if not loop.first }}x{{ loop.index }}
                {%- endfor %},
                user_id
        ) as place,
        cast(count(*) over (partition by half) as bigint) as users
    from resampled
),

resamples as (
    select
        cluster_starts.feature,
        cast(places.half as bigint) as resample,
        cluster_starts.feature_number,
        cluster_starts.cluster,
        case cluster_starts.feature_number
            {%- for feature in features %}
            when {{ loop.index }} then places.x{{ loop.index }}
            {%- endfor %}
        end as centroid_standardized,
        cluster_starts.feature_mean,
        cluster_starts.feature_standard_deviation,
        places.users as fitted_users,
        cluster_starts.data_through
    from cluster_starts
    inner join places
        on places.place = 1 + floor((cluster_starts.cluster - 5e-1) * places.users / {{ settings.count }}e0)
)

select * from resamples
