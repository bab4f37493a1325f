-- A link has no time of arrival: a user who comes later makes an old link good, a corrected one counts from another
-- day.
-- The rollups find the days that this changes by comparing with what they were built from.
with
user_events as (
    select
        event_date,
        {{ segmentation.fingerprint(['event_id', 'user_id', 'known_date']) }} as link_hash
    from {{ ref('user_events') }}
    where is_linked
),

days as (
    select
        event_date,
        {{ segmentation.fingerprint_sum('link_hash') }} as links_hash
    from user_events
    group by event_date
)

select * from days
