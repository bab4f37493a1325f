-- An account is on trial exactly on those dates on which it has open subscriptions and all of them are trials.
with
user_features as (
    select * from {{ ref('segmentation', 'user_features') }}
),

subscriptions as (
    select * from {{ ref('raw_subscriptions') }}
),

dated as (
    select
        account_id,
        is_trial,
        {{ iso_date_by_position('start_date') }} as start_date,
        {{ iso_date_by_position('end_date') }} as end_date
    from subscriptions
),

expected as (
    select
        user_features.user_id,
        user_features.is_trial,
        coalesce(min(dated.is_trial) = 'TRUE', false) as is_trial_in_file,
        user_features.as_of_date
    from user_features
    left join dated
        on
            user_features.account_id = dated.account_id
            and user_features.as_of_date >= dated.start_date
            and (dated.end_date is null or user_features.as_of_date < dated.end_date)
    group by user_features.user_id, user_features.is_trial, user_features.as_of_date
),

differences as (
    select
        user_id,
        as_of_date,
        user_id || ' on ' || as_of_date || ': is_trial is ' || is_trial || '.' as message
    from expected
    where is_trial is distinct from is_trial_in_file
)

select * from differences
