-- The ids with the most rows: enough to see what they have in common.
{%- set most_ids = 100 %}
with
named_ids as (
    select * from {{ ref('named_ids') }}
),

users as (
    select user_id from {{ ref('stg_users') }}
),

accounts as (
    select account_id from {{ ref('stg_accounts') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

known_ids as (
    select
        'user' as id_kind,
        user_id as known_id
    from users
    union all
    select
        'account' as id_kind,
        account_id as known_id
    from accounts
),

comparable_ids as (
    select
        id_kind,
        {{ segmentation.comparable_id('known_id') }} as comparable_id,
        min(known_id) as known_id
    from known_ids
    group by id_kind, {{ segmentation.comparable_id('known_id') }}
),

anonymous_ids as (
    select named_id
    from named_ids
    where id_kind = 'anonymous'
    group by named_id
),

ranked_ids as (
    select
        input,
        id_kind,
        named_id,
        naming_rows,
        {{ segmentation.comparable_id('named_id') }} as comparable_id,
        case when id_kind = 'user' then 'account' else 'user' end as other_kind,
        row_number() over (partition by input, id_kind order by naming_rows desc, named_id asc) as place
    from named_ids
    where
        not is_known
        and id_kind in ('user', 'account')
),

-- The first that holds.
explained_ids as (
    select
        ranked_ids.input,
        ranked_ids.id_kind,
        ranked_ids.named_id as unknown_id,
        comparable_ids.known_id as likely_id,
        case
            when lower(comparable_ids.known_id) = lower(ranked_ids.named_id) then 'letter_case'
            when
                comparable_ids.known_id || '.' = rtrim(ranked_ids.named_id, '0')
                or ranked_ids.named_id || '.' = rtrim(comparable_ids.known_id, '0')
                then 'number_format'
            when ltrim(comparable_ids.known_id, '0') = ltrim(ranked_ids.named_id, '0') then 'leading_zeros'
            when comparable_ids.known_id is not null then 'other_spelling'
            when other_ids.known_id is not null then 'id_of_other_kind'
            when anonymous_ids.named_id is not null then 'anonymous_id'
        end as likely_cause,
        ranked_ids.naming_rows
    from ranked_ids
    left join comparable_ids
        on
            ranked_ids.id_kind = comparable_ids.id_kind
            and ranked_ids.comparable_id = comparable_ids.comparable_id
    left join known_ids as other_ids
        on
            ranked_ids.other_kind = other_ids.id_kind
            and ranked_ids.named_id = other_ids.known_id
    left join anonymous_ids on ranked_ids.named_id = anonymous_ids.named_id
    where ranked_ids.place <= {{ most_ids }}
),

stamped as (
    select
        explained_ids.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from explained_ids
    cross join data_through
)

select * from stamped
