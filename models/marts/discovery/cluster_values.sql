{{ config(enabled=segmentation.setting('discovery').get('clusters', false)) }}
{%- set features = segmentation.cluster_features() -%}
-- Without a feature its value is NULL, and nothing reads it.
with
data_through as (
    select * from {{ ref('data_through') }}
),

user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

cluster_values as (
    select
        user_features.user_id,
        {{ segmentation.account_key('user_features') }} as account_key,
        {%- for feature in features %}
        cast({{ feature.expression }} as double) as value_{{ loop.index }},
        {%- endfor %}
        {%- for number in range(features | length + 1, 10) %}
        cast(null as double) as value_{{ number }},
        {%- endfor %}
        data_through.data_through
    from user_features
    cross join data_through
    where user_features.active_days_91d > 0
)

select * from cluster_values
