-- On every date each account has the tickets and the open tickets of the raw file.
with
user_features as (
    select * from {{ ref('segmentation', 'user_features') }}
),

support_tickets as (
    select * from {{ ref('raw_support_tickets') }}
),

dated as (
    select
        account_id,
        {{ iso_date_by_position('submitted_at') }} as submitted_date,
        {{ iso_date_by_position('closed_at') }} as closed_date
    from support_tickets
),

expected as (
    select
        user_features.user_id,
        user_features.as_of_date,
        count(case when dated.submitted_date > user_features.as_of_date - 91 then 1 end) as tickets_91d,
        count(case when dated.closed_date > user_features.as_of_date then 1 end) as open_tickets
    from user_features
    left join dated
        on
            user_features.account_id = dated.account_id
            and user_features.as_of_date >= dated.submitted_date
    group by user_features.user_id, user_features.as_of_date
),

differences as (
    select
        user_features.user_id,
        user_features.as_of_date,
        user_features.user_id || ' on ' || user_features.as_of_date || ': ' || user_features.tickets_91d || ' tickets, '
        || user_features.open_tickets || ' open, but the file has ' || expected.tickets_91d || ' and '
        || expected.open_tickets || '.' as message
    from user_features
    inner join expected
        on
            user_features.user_id = expected.user_id
            and user_features.as_of_date = expected.as_of_date
    where
        user_features.tickets_91d is distinct from expected.tickets_91d
        or user_features.open_tickets is distinct from expected.open_tickets
)

select * from differences
