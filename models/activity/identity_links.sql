-- A link to somebody who is no user would swallow the events of a later good one, so only links to users are looked at.
-- Whether the user is one is asked of the input as a whole and not of a date: a link may come before the signup.
with
identities as (
    select * from {{ ref('stg_identities') }}
),

users as (
    select user_id from {{ ref('stg_users') }}
),

ordered_links as (
    select
        identities.anonymous_id,
        identities.user_id,
        {{ segmentation.day_of('identities.linked_at') }} as linked_date,
        identities.linked_at,
        row_number() over (
            partition by identities.anonymous_id
            order by identities.linked_at, identities.user_id
        ) as place
    from identities
    inner join users on identities.user_id = users.user_id
),

first_links as (
    select
        anonymous_id,
        user_id,
        linked_date,
        linked_at
    from ordered_links
    where place = 1
)

select * from first_links
