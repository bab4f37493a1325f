-- One hash per date over all that a segment can read: what decides whether a membership of that date still holds.
with
-- depends_on: {{ ref('user_features') }}
feature_versions as (
    select * from {{ segmentation.built_dates('user_features') }}
),

date_input_hashes as (
    select * from {{ ref('date_input_hashes') }}
),

user_input_hashes as (
    select * from {{ ref('user_input_hashes') }}
),

-- Attributes without history are used at all dates, so a change in the CRM reaches all of them.
crm_hash as (
    select {{ segmentation.fingerprint_sum('crm_hash') }} as crm_hash
    from user_input_hashes
),

date_hashes as (
    select
        date_input_hashes.as_of_date,
        feature_versions.version as features_hash,
        date_input_hashes.activity_hash,
        crm_hash.crm_hash
    from date_input_hashes
    cross join crm_hash
    inner join feature_versions on date_input_hashes.as_of_date = feature_versions.as_of_date
)

select * from date_hashes
