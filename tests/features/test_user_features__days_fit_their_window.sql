-- Nobody is active on more days than a window has, has fewer sessions than active days or fewer events than sessions,
-- and days_since_last_seen agrees with the windows and the streak.
with
behaviors as (
    select * from {{ ref('user_features') }}
),

judged as (
    select
        user_id,
        as_of_date,
        case
            {%- for days in [7, 28, 91] %}
            when active_days_{{ days }}d > {{ days }} then 'more than {{ days }} active days in {{ days }} days'
            when sessions_{{ days }}d < active_days_{{ days }}d
                then 'fewer sessions than active days in {{ days }} days'
            when events_{{ days }}d < sessions_{{ days }}d then 'fewer events than sessions in {{ days }} days'
            when (active_days_{{ days }}d > 0) != (coalesce(days_since_last_seen, 1000000) < {{ days }})
                then 'days_since_last_seen that do not fit active_days_{{ days }}d'
            {%- endfor %}
            when active_days_previous_28d > 28 then 'more than 28 active days in the 28 days before'
            when (current_streak_days > 0) != (coalesce(days_since_last_seen, 1000000) = 0)
                then 'a streak that does not fit days_since_last_seen'
            when current_streak_days < 7 and current_streak_days > active_days_7d
                then 'a streak that is longer than the active days'
            when usage_change_28d < -1 then 'a usage change below −1'
        end as problem
    from behaviors
),

failures as (
    select
        'user_behavioral_features: user ' || user_id || ' on ' || cast(as_of_date as {{ dbt.type_string() }}) || ' has '
        || problem || '. Look at models/features/user_behavioral_features.sql.' as message
    from judged
    where problem is not null
)

select * from failures
