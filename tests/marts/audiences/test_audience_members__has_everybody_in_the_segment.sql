-- Nobody in an audience's segment is dropped without a reason: sent and skipped users add up to the segment on the
-- newest date.
with
audiences as (
    select * from {{ ref('audiences') }}
),

audience_members as (
    select * from {{ ref('audience_members') }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

segment_counts as (
    select
        audiences.audience,
        count(user_segments.user_id) as users
    from audiences
    left join user_segments
        on
            audiences.segment = user_segments.segment
            and audiences.as_of_date = user_segments.as_of_date
    group by audiences.audience
),

member_counts as (
    select
        audience,
        count(*) as users,
        count(case when is_sent and skip_reason is null then 1 end) as sent_users,
        count(case when not is_sent and skip_reason is not null then 1 end) as skipped_users
    from audience_members
    group by audience
),

failures as (
    select
        'audience_members: ' || segment_counts.audience || ' has '
        || cast(segment_counts.users as {{ dbt.type_string() }}) || ' users in its segment, '
        || cast(coalesce(member_counts.sent_users, 0) as {{ dbt.type_string() }}) || ' of them sent and '
        || cast(coalesce(member_counts.skipped_users, 0) as {{ dbt.type_string() }})
        || ' skipped. They must add up.' as message
    from segment_counts
    left join member_counts on segment_counts.audience = member_counts.audience
    where
        segment_counts.users != coalesce(member_counts.users, 0)
        or segment_counts.users != coalesce(member_counts.sent_users, 0) + coalesce(member_counts.skipped_users, 0)
)

select * from failures
