{%- set window_days = segmentation.setting('campaign_window_days') %}
{%- set conversion_events = segmentation.text_literals(segmentation.setting('campaign_conversion_events')) -%}

-- Windows are in time, not in days: later than assigned_at, and at most campaign_window_days × 24 hours later. Whether
-- anybody was held out is a matter of the campaign, so ids that nobody knows count for that alone.
with
-- As of now: who was merged is in a campaign as the survivor, once.
messages as (
    select * from {{ ref('user_messages') }}
    where not coalesce(is_superseded, false)
),

data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select as_of_date from {{ ref('as_of_dates') }}
),

user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
),

user_accounts as (
    select * from {{ ref('user_accounts') }}
),

user_events as (
    select * from {{ ref('user_events') }}
),

assigned_messages as (
    select
        messages.*,
        {{ segmentation.closed_through('data_through') }} as closed_date,
        data_through.data_through
    from messages
    cross join data_through
    where {{ segmentation.day_of('messages.assigned_at') }} <= data_through.data_through
),

campaigns as (
    select
        campaign,
        max(case when is_holdout then 1 else 0 end) = 1 as has_holdout
    from assigned_messages
    group by campaign
),

ordered_messages as (
    select
        assigned_messages.*,
        campaigns.has_holdout,
        row_number() over (
            partition by assigned_messages.campaign, assigned_messages.user_id
            order by assigned_messages.assigned_at, assigned_messages.message_id
        ) as place,
        -- Held out and not; or, where some are held out, not known which.
        max(case when assigned_messages.is_holdout then 1 else 0 end) over (
            partition by assigned_messages.campaign, assigned_messages.user_id
        ) = 1 and max(case when assigned_messages.is_holdout then 0 else 1 end) over (
            partition by assigned_messages.campaign, assigned_messages.user_id
        ) = 1
        or campaigns.has_holdout and max(case when assigned_messages.is_holdout is null then 1 else 0 end) over (
            partition by assigned_messages.campaign, assigned_messages.user_id
        ) = 1 as has_no_single_arm
    from assigned_messages
    inner join campaigns on assigned_messages.campaign = campaigns.campaign
    where assigned_messages.known_date <= assigned_messages.data_through
),

first_messages as (
    select
        campaign,
        user_id,
        message_id,
        has_holdout,
        coalesce(is_holdout, false) as is_holdout,
        has_no_single_arm,
        {{ segmentation.day_of('assigned_at') }} as assigned_date,
        known_date,
        closed_date,
        data_through,
        assigned_at,
        assigned_at + interval {{ window_days }} day as window_ends_at,
        sent_at,
        delivered_at,
        opened_at,
        clicked_at,
        unsubscribed_at
    from ordered_messages
    where place = 1
),

assigned_dates as (
    select assigned_date
    from first_messages
    group by assigned_date
),

segment_dates as (
    select
        assigned_dates.assigned_date,
        max(as_of_dates.as_of_date) as segment_as_of
    from assigned_dates
    inner join as_of_dates on assigned_dates.assigned_date > as_of_dates.as_of_date
    group by assigned_dates.assigned_date
),

conversions as (
    select
        first_messages.campaign,
        first_messages.user_id
    from first_messages
    inner join user_events
        on
            first_messages.user_id = user_events.user_id
            and first_messages.assigned_at < user_events.occurred_at
            and first_messages.window_ends_at >= user_events.occurred_at
            and greatest({{ segmentation.day_of('first_messages.window_ends_at') }}, first_messages.known_date)
            >= user_events.known_date
    where user_events.event_name in ({{ conversion_events }})
    group by first_messages.campaign, first_messages.user_id
),

assigned_users as (
    select
        first_messages.campaign,
        first_messages.user_id,
        user_accounts.account_id,
        first_messages.message_id,
        first_messages.has_holdout,
        first_messages.is_holdout,
        first_messages.has_no_single_arm,
        user_dates.user_id is not null as has_history,
        -- The window ends before the day after the last whole one begins.
        {{ segmentation.day_of('first_messages.window_ends_at') }} <= first_messages.closed_date as is_observed,
        {%- for step in ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed'] %}
        coalesce(first_messages.{{ step }}_at <= first_messages.window_ends_at, false) as is_{{ step }},
        {%- endfor %}
        conversions.user_id is not null as is_converted,
        segment_dates.segment_as_of,
        first_messages.data_through as as_of_date,
        first_messages.data_through,
        first_messages.assigned_at,
        first_messages.window_ends_at
    from first_messages
    left join segment_dates on first_messages.assigned_date = segment_dates.assigned_date
    left join user_accounts
        on
            first_messages.user_id = user_accounts.user_id
            and {{ segmentation.holds_on('user_accounts', 'first_messages.assigned_date') }}
    left join user_dates
        on
            first_messages.user_id = user_dates.user_id
            and segment_dates.segment_as_of = user_dates.as_of_date
    left join conversions
        on
            first_messages.campaign = conversions.campaign
            and first_messages.user_id = conversions.user_id
)

select * from assigned_users
