{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['user_id', 'as_of_date'],
    post_hook="{{ segmentation.remove_stale_features() }}"
) }}

{%- set windows = [7, 28, 91] %}
{% call segmentation.feature_rows(reads=['population', 'activity', 'voice'], upstream=['user_key_events']) %}
with
user_days as (
    select * from {{ ref('user_days') }}
),

key_events as (
    select * from {{ ref('user_key_events') }}
),

tickets as (
    select * from {{ ref('stg_support_tickets') }}
),

sessions as (
    select * from {{ ref('user_sessions') }}
),

dates as (
    select distinct as_of_date from spine
),

day_counts as (
    select
        user_days.user_id,
        {%- for days in windows %}
        {{ segmentation.window_sum('case when is_first_known then 1 else 0 end', 'bigint', days) }} as active_days_{{ days }}d,
        {{ segmentation.window_sum('sessions', 'bigint', days) }} as sessions_{{ days }}d,
        {{ segmentation.window_sum('session_microseconds', 'bigint', days) }} / 6e7 as session_minutes_{{ days }}d,
        {{ segmentation.window_sum('events', 'bigint', days) }} as events_{{ days }}d,
        {{ segmentation.window_sum('page_views', 'bigint', days) }} as page_views_{{ days }}d,
        {{ segmentation.window_sum('logins', 'bigint', days) }} as logins_{{ days }}d,
        {%- endfor %}
        {{ segmentation.window_sum('case when is_first_known then 1 else 0 end', 'bigint', 28, ends_days_ago=28) }}
            as active_days_previous_28d,
        dates.as_of_date
    from user_days
    inner join dates
        on
            {{ segmentation.in_window('user_days.event_date', 'dates.as_of_date', 91) }}
            and user_days.known_date <= dates.as_of_date
    group by user_days.user_id, dates.as_of_date
),

feature_counts as (
    select
        user_id,
        {%- for days in windows %}
        cast(sum(case when count_{{ days }}d > 0 then 1 else 0 end) as bigint) as distinct_features_{{ days }}d,
        {%- endfor %}
        as_of_date
    from key_events
    where
        event_name in ({{ segmentation.event_names(is_feature=true) }})
        and as_of_date in (select as_of_date from dates)
    group by user_id, as_of_date
),

last_seen as (
    select
        user_days.user_id,
        max(user_days.event_date) as last_seen_date,
        dates.as_of_date
    from user_days
    inner join dates on user_days.known_date <= dates.as_of_date
    group by user_days.user_id, dates.as_of_date
),

-- Counted back from the date, the n-th active day of an unbroken streak lies n − 1 days before it. Only users
-- that were active on the date itself have a streak.
days_before_date as (
    select
        user_days.user_id,
        user_days.event_date,
        dates.as_of_date,
        row_number() over (
            partition by user_days.user_id, dates.as_of_date
            order by user_days.event_date desc
        ) as days_back
    from user_days
    inner join dates on user_days.known_date <= dates.as_of_date
    inner join last_seen
        on
            user_days.user_id = last_seen.user_id
            and dates.as_of_date = last_seen.as_of_date
            and last_seen.last_seen_date = dates.as_of_date
    where user_days.is_first_known
),

streaks as (
    select
        user_id,
        cast(count(*) as bigint) as current_streak_days,
        as_of_date
    from days_before_date
    where event_date = {{ segmentation.days_before('as_of_date', 'days_back - 1') }}
    group by user_id, as_of_date
),

ticket_counts as (
    select
        tickets.user_id,
        {{ segmentation.window_sum(
            '1', 'bigint', 91, date='cast(tickets.created_at as date)', as_of_date='dates.as_of_date'
        ) }} as tickets_91d,
        cast(sum(
            case when tickets.solved_at is null or cast(tickets.solved_at as date) > dates.as_of_date then 1 else 0 end
        ) as bigint) as open_tickets,
        dates.as_of_date
    from tickets
    inner join dates on cast(tickets.created_at as date) <= dates.as_of_date
    group by tickets.user_id, dates.as_of_date
),

session_parts as (
    select
        sessions.user_id,
        case
            when extract(hour from sessions.started_at) < 6 then 'night'
            when extract(hour from sessions.started_at) < 12 then 'morning'
            when extract(hour from sessions.started_at) < 18 then 'afternoon'
            else 'evening'
        end as day_part,
        dates.as_of_date
    from sessions
    inner join dates
        on
            {{ segmentation.in_window('sessions.event_date', 'dates.as_of_date', 91) }}
            and sessions.known_date <= dates.as_of_date
),

day_parts as (
    select
        user_id,
        day_part,
        as_of_date,
        row_number() over (
            partition by user_id, as_of_date
            order by count(*) desc, day_part
        ) as place
    from session_parts
    group by user_id, day_part, as_of_date
),

behaviors as (
    select
        spine.user_id,
        day_parts.day_part,
        {%- for measure in ['active_days', 'sessions', 'session_minutes', 'events', 'page_views', 'logins'] %}
        {%- for days in windows %}
        coalesce(day_counts.{{ measure }}_{{ days }}d, 0) as {{ measure }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        {%- for days in windows %}
        coalesce(feature_counts.distinct_features_{{ days }}d, 0) as distinct_features_{{ days }}d,
        {%- endfor %}
        coalesce(day_counts.active_days_previous_28d, 0) as active_days_previous_28d,
        {{ segmentation.days_between('last_seen.last_seen_date', 'spine.as_of_date') }} as days_since_last_seen,
        coalesce(streaks.current_streak_days, 0) as current_streak_days,
        case
            when spine.tenure_days >= 56
                then
                    cast(day_counts.active_days_28d as double)
                    / nullif(day_counts.active_days_previous_28d, 0) - 1e0
        end as usage_change_28d,
        coalesce(ticket_counts.tickets_91d, 0) as tickets_91d,
        coalesce(ticket_counts.open_tickets, 0) as open_tickets,
        spine.as_of_date
    from spine
    left join day_counts
        on
            spine.user_id = day_counts.user_id
            and spine.as_of_date = day_counts.as_of_date
    left join feature_counts
        on
            spine.user_id = feature_counts.user_id
            and spine.as_of_date = feature_counts.as_of_date
    left join last_seen
        on
            spine.user_id = last_seen.user_id
            and spine.as_of_date = last_seen.as_of_date
    left join streaks
        on
            spine.user_id = streaks.user_id
            and spine.as_of_date = streaks.as_of_date
    left join ticket_counts
        on
            spine.user_id = ticket_counts.user_id
            and spine.as_of_date = ticket_counts.as_of_date
    left join day_parts
        on
            spine.user_id = day_parts.user_id
            and spine.as_of_date = day_parts.as_of_date
            and day_parts.place = 1
)

select * from behaviors
{% endcall %}
