-- Usage is recorded per subscription; the account, our user, is found through it.
with
feature_usage as (
    select * from {{ ref('raw_feature_usage') }}
),

subscriptions as (
    select * from {{ ref('raw_subscriptions') }}
),

mapped as (
    select
        feature_usage.usage_id as event_id,
        subscriptions.account_id as user_id,
        null as anonymous_id,
        feature_usage.feature_name as event_name,
        {{ day_first('feature_usage.usage_date') }} as occurred_at,
        null as received_at,
        null as session_id,
        null as device_type,
        null as os,
        null as app_version,
        null as country,
        null as channel,
        to_json(struct_pack(
            subscription_id := feature_usage.subscription_id,
            usage_count := try_cast(feature_usage.usage_count as bigint),
            usage_duration_secs := try_cast(feature_usage.usage_duration_secs as bigint),
            error_count := try_cast(feature_usage.error_count as bigint),
            is_beta_feature := lower(feature_usage.is_beta_feature) = 'true'
        )) as properties
    from feature_usage
    left join subscriptions on feature_usage.subscription_id = subscriptions.subscription_id
    -- A row that says "used 0 times" is no use.
    where feature_usage.usage_count is distinct from '0'
)

select * from mapped
