-- One hash per date over all that a segment can read: what decides whether a membership of that date still holds.
with
user_features as (
    select * from {{ ref('user_features') }}
),

date_input_hashes as (
    select * from {{ ref('date_input_hashes') }}
),

user_input_hashes as (
    select * from {{ ref('user_input_hashes') }}
),

feature_hashes as (
    select
        as_of_date,
        {{ segmentation.fingerprint_sum(segmentation.fingerprint(['user_id', 'version_hash'])) }} as features_hash
    from user_features
    group by as_of_date
),

-- Attributes without history are used at all dates, so a change in the CRM reaches all of them.
crm_hash as (
    select {{ segmentation.fingerprint_sum('crm_hash') }} as crm_hash
    from user_input_hashes
),

date_hashes as (
    select
        date_input_hashes.as_of_date,
        coalesce(feature_hashes.features_hash, 0) as features_hash,
        date_input_hashes.activity_hash,
        crm_hash.crm_hash
    from date_input_hashes
    cross join crm_hash
    left join feature_hashes on date_input_hashes.as_of_date = feature_hashes.as_of_date
)

select * from date_hashes
