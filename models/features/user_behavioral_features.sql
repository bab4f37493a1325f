{{ config(materialized='ephemeral') }}
{%- set activation_days, windows = segmentation.setting('activation_days'), [7, 28, 91] %}
{%- set feature_events = segmentation.event_names(is_feature=true) %}
{%- set core = segmentation.text_literals(segmentation.core_events()) %}
{%- set ratings = {'rated': 'is not null', 'satisfied': '>= ' ~ segmentation.top_two_from('satisfaction')} %}
with
spine as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

event_days as (
    select * from {{ ref('user_event_days') }}
    where is_human
),

users as (
    select
        user_id,
        {{ segmentation.day_of('signed_up_at') }} as signup_date
    from {{ ref('stg_users') }}
),

key_events as (
    select * from {{ ref('user_key_events') }}
    where {{ segmentation.in_slice() }}
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
        {{ segmentation.window_sum('case when is_first_known then 1 else 0 end', 'bigint', days) }}
            as active_days_{{ days }}d,
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
        cast(sum(
            case when count_{{ days }}d > 0 and event_name in ({{ feature_events }}) then 1 else 0 end
        ) as bigint) as distinct_features_{{ days }}d,
        cast(sum(case when event_name in ({{ core }}) then count_{{ days }}d end) as bigint)
            as core_actions_{{ days }}d,
        {%- endfor %}
        as_of_date
    from key_events
    where event_name in ({{ feature_events }}) or event_name in ({{ core }})
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
            and dates.as_of_date = last_seen.last_seen_date
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

-- From which date on the data show what users do. Events before a signup do not count, or the date would depend on
-- users who were not there yet.
first_days as (
    select
        user_days.event_date,
        user_days.known_date,
        count(*) as day_users
    from user_days
    inner join users
        on
            user_days.user_id = users.user_id
            and user_days.event_date >= users.signup_date
    where user_days.is_first_known
    group by user_days.event_date, user_days.known_date
),

first_days_by_date as (
    select
        first_days.event_date,
        dates.as_of_date,
        sum(first_days.day_users) as day_users
    from first_days
    inner join dates on first_days.known_date <= dates.as_of_date
    group by first_days.event_date, dates.as_of_date
),

-- Nor do they begin with a single event of years ago.
{{ segmentation.first_sure_dates('data_starts', 'first_days_by_date', 'event_date', 'day_users', by=['as_of_date']) }},

-- The first days of a user do not change from date to date: found once, in two passes over the rollup.
activations as (
    select
        event_days.user_id,
        min(event_days.known_date) as activated_date
    from event_days
    inner join users
        on
            event_days.user_id = users.user_id
            and {{ segmentation.days_between('users.signup_date', 'event_days.event_date') }}
            between 0 and {{ activation_days - 1 }}
    where event_days.event_name in ({{ segmentation.text_literals(segmentation.setting('activation_events')) }})
    group by event_days.user_id
),

-- What was seen on its own day is known by it: one row per user. What a later link attached has a row per link.
first_uses as (
    select
        event_days.user_id,
        case when event_days.known_date > event_days.event_date then event_days.known_date end as linked_date,
        min(event_days.event_date) as first_use_date
    from event_days
    inner join users
        on
            event_days.user_id = users.user_id
            and event_days.event_date >= users.signup_date
    where event_days.event_name in ({{ segmentation.event_names(is_feature=true) }})
    group by event_days.user_id, case when event_days.known_date > event_days.event_date then event_days.known_date end
),

first_uses_by_date as (
    select
        first_uses.user_id,
        min(first_uses.first_use_date) as first_use_date,
        dates.as_of_date
    from first_uses
    inner join dates on coalesce(first_uses.linked_date, first_uses.first_use_date) <= dates.as_of_date
    group by first_uses.user_id, dates.as_of_date
),

first_steps as (
    select
        spine.user_id,
        {{ segmentation.days_between('spine.signup_date', 'first_uses_by_date.first_use_date') }} as days_to_first_use,
        coalesce(spine.signup_date >= data_starts.first_date, false) as is_signup_observed,
        coalesce(activations.activated_date <= spine.as_of_date, false) as is_activated,
        spine.as_of_date
    from spine
    left join data_starts on spine.as_of_date = data_starts.as_of_date
    left join activations on spine.user_id = activations.user_id
    left join first_uses_by_date
        on
            spine.user_id = first_uses_by_date.user_id
            and spine.as_of_date = first_uses_by_date.as_of_date
),

-- Tickets of a user who was merged by then are the survivor's.
ticket_counts as (
    select
        coalesce(user_merges.survivor_id, tickets.user_id) as user_id,
        {{ segmentation.window_sum(
            '1', 'bigint', 91, date=segmentation.day_of('tickets.created_at'), as_of_date='dates.as_of_date'
        ) }} as tickets_91d,
        {%- for name, condition in ratings.items() %}
        {{ segmentation.window_sum(
            'case when tickets.satisfaction ' ~ condition ~ ' then 1 else 0 end', 'bigint', 91,
            date=segmentation.day_of('tickets.satisfied_at'), as_of_date='dates.as_of_date'
        ) }} as tickets_{{ name }}_91d,
        {%- endfor %}
        dates.as_of_date
    from tickets
    inner join dates on {{ segmentation.day_of('tickets.created_at') }} <= dates.as_of_date
    {{ segmentation.join_merges('tickets', 'dates.as_of_date') }}
    group by coalesce(user_merges.survivor_id, tickets.user_id), dates.as_of_date
),

open_ticket_counts as (
    select
        coalesce(user_merges.survivor_id, ticket_openings.user_id) as user_id,
        cast(count(*) as bigint) as open_tickets,
        dates.as_of_date
    from {{ ref('ticket_openings') }} as ticket_openings
    inner join dates
        on
            ticket_openings.opened_date <= dates.as_of_date
            and (ticket_openings.solved_date is null or ticket_openings.solved_date > dates.as_of_date)
    {{ segmentation.join_merges('ticket_openings', 'dates.as_of_date') }}
    group by coalesce(user_merges.survivor_id, ticket_openings.user_id), dates.as_of_date
),

session_parts as (
    select
        sessions.user_id,
        case
            when extract(hour from {{ segmentation.local_time('sessions.started_at') }}) < 6 then 'night'
            when extract(hour from {{ segmentation.local_time('sessions.started_at') }}) < 12 then 'morning'
            when extract(hour from {{ segmentation.local_time('sessions.started_at') }}) < 18 then 'afternoon'
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
        {%- for days in windows %}
        coalesce(feature_counts.core_actions_{{ days }}d, 0) as core_actions_{{ days }}d,
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
        coalesce(open_ticket_counts.open_tickets, 0) as open_tickets,
        coalesce(ticket_counts.tickets_rated_91d, 0) as tickets_rated_91d,
        coalesce(ticket_counts.tickets_satisfied_91d, 0) as tickets_satisfied_91d,
        case when first_steps.is_signup_observed then first_steps.days_to_first_use end as days_to_first_use,
        first_steps.is_signup_observed,
        {%- if segmentation.setting('activation_events') %}
        case
            when first_steps.is_signup_observed and spine.tenure_days >= {{ activation_days - 1 }}
                then first_steps.is_activated
        end as is_activated,
        {%- else %}
        cast(null as boolean) as is_activated,
        {%- endif %}
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
    left join open_ticket_counts
        on
            spine.user_id = open_ticket_counts.user_id
            and spine.as_of_date = open_ticket_counts.as_of_date
    left join day_parts
        on
            spine.user_id = day_parts.user_id
            and spine.as_of_date = day_parts.as_of_date
            and day_parts.place = 1
    inner join first_steps
        on
            spine.user_id = first_steps.user_id
            and spine.as_of_date = first_steps.as_of_date
)

select * from behaviors
