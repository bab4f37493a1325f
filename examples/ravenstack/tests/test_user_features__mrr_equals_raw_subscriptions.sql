-- On every date the MRR and the seats of each account are those of the raw file: of what has started and not ended.
-- Trials have seats, and no MRR.
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
        cast(mrr_amount as double) as mrr,
        cast(seats as bigint) as seats,
        is_trial = 'TRUE' as is_trial,
        {{ iso_date_by_position('start_date') }} as start_date,
        {{ iso_date_by_position('end_date') }} as end_date
    from subscriptions
),

expected as (
    select
        user_features.user_id,
        user_features.as_of_date,
        coalesce(sum(case when not dated.is_trial then dated.mrr end), 0) as mrr,
        coalesce(sum(dated.seats), 0) as seats
    from user_features
    left join dated
        on
            user_features.account_id = dated.account_id
            and user_features.as_of_date >= dated.start_date
            and (dated.end_date is null or user_features.as_of_date < dated.end_date)
    group by user_features.user_id, user_features.as_of_date
),

differences as (
    select
        user_features.user_id,
        user_features.as_of_date,
        user_features.user_id || ' on ' || user_features.as_of_date || ': MRR ' || user_features.mrr || ' and '
        || user_features.seats || ' seats, but the file has ' || expected.mrr || ' and ' || expected.seats || '.'
            as message
    from user_features
    inner join expected
        on
            user_features.user_id = expected.user_id
            and user_features.as_of_date = expected.as_of_date
    where
        user_features.mrr is distinct from expected.mrr
        or user_features.seats is distinct from expected.seats
)

select * from differences
