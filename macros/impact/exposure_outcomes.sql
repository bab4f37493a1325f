{#
    CTEs of what users did in the window after an exposure and in the one before it, the last of them `exposed_users`: one row per
    experiment and user with the columns of experiment_users. The window after the assignment and the one before it are equally
    long, and the day of the assignment is in neither: a part of it lies on the other side. What a later link of an anonymous id
    revealed counts on neither side; but where the assignment itself was known only by a link after the window, what that link
    brought counts: it is not nothing.

    Arguments: window_days (whole number); first_exposures (experiment, user_id, variant, has_several_variants, assigned_date,
               window_end_date, last_known_date, closed_date, data_through, assigned_at), as_of_dates, user_dates, user_lifecycle_segments,
               user_accounts, user_days, user_event_days, tickets, responses, invoices and users are in scope.
    Call:      {{ exposure_outcomes(28) }}
#}
{% macro exposure_outcomes(window_days) -%}
{%- set late_days = [7, window_days] | min -%}
{%- set conversion_events = segmentation.text_literals(segmentation.setting('experiment_conversion_events')) -%}
assigned_dates as (
    select assigned_date
    from first_exposures
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

-- Per user and day: whether it lies in the window after, and in the one before.
window_days as (
    select
        first_exposures.experiment,
        first_exposures.user_id,
        case when user_days.is_first_known then 1 else 0 end as active_days,
        user_days.events,
        user_days.sessions,
        {{ segmentation.in_window('user_days.event_date', 'first_exposures.window_end_date', window_days) }}
        and user_days.known_date <= first_exposures.last_known_date as is_after,
        {{ segmentation.in_window('user_days.event_date', 'first_exposures.assigned_date', window_days, 1) }}
        and user_days.known_date < first_exposures.assigned_date as is_before,
        {{ segmentation.in_window('user_days.event_date', 'first_exposures.window_end_date', late_days) }} as is_late,
        {{ segmentation.in_window('user_days.event_date', 'first_exposures.assigned_date', late_days, 1) }}
            as is_late_before
    from first_exposures
    inner join user_days on first_exposures.user_id = user_days.user_id
),

activity as (
    select
        experiment,
        user_id,
        cast(sum(case when is_after then active_days else 0 end) as bigint) as active_days,
        cast(sum(case when is_after then events else 0 end) as bigint) as events,
        cast(sum(case when is_after then sessions else 0 end) as bigint) as sessions,
        cast(sum(case when is_after and is_late then active_days else 0 end) as bigint) as late_active_days,
        cast(sum(case when is_before and is_late_before then active_days else 0 end) as bigint)
            as late_active_days_before,
        cast(sum(case when is_before then active_days else 0 end) as bigint) as active_days_before,
        cast(sum(case when is_before then events else 0 end) as bigint) as events_before,
        cast(sum(case when is_before then sessions else 0 end) as bigint) as sessions_before
    from window_days
    group by experiment, user_id
),

conversions as (
    select
        first_exposures.experiment,
        first_exposures.user_id,
        cast(sum(
            case
                when
                    {{ segmentation.in_window(
                        'user_event_days.event_date', 'first_exposures.window_end_date', window_days
                    ) }}
                    and user_event_days.known_date <= first_exposures.last_known_date
                    then user_event_days.events
                else 0
            end
        ) as bigint) as conversions
    from first_exposures
    inner join user_event_days on first_exposures.user_id = user_event_days.user_id
    where user_event_days.event_name in ({{ conversion_events }})
    group by first_exposures.experiment, first_exposures.user_id
),

{{ segmentation.experiment_window_outcomes(window_days) }},

{{ segmentation._exposed_users() }}
{%- endmacro %}

{# Its last CTE. #}
{% macro _exposed_users() -%}
exposed_users as (
    select
        first_exposures.experiment,
        first_exposures.user_id,
        user_accounts.account_id,
        first_exposures.variant,
        case
            when user_dates.user_id is null then '__no_history__'
            else user_lifecycle_segments.segment
        end as lifecycle_segment,
        -- The name of before; gone in the next version.
        case
            when user_dates.user_id is null then '__no_history__'
            else user_lifecycle_segments.segment
        end as primary_segment,
        -- A window that is not over yet has no outcome, not a small one.
        case
            when first_exposures.window_end_date <= first_exposures.closed_date then coalesce(activity.active_days, 0)
        end as active_days,
        case
            when first_exposures.window_end_date <= first_exposures.closed_date then coalesce(activity.events, 0)
        end as events,
        case
            when first_exposures.window_end_date <= first_exposures.closed_date then coalesce(activity.sessions, 0)
        end as sessions,
        case
            when first_exposures.window_end_date <= first_exposures.closed_date
                then coalesce(conversions.conversions, 0)
        end as conversions,
        case
            when first_exposures.window_end_date <= first_exposures.closed_date
                then coalesce(activity.late_active_days, 0)
        end as late_active_days,
        case
            when first_exposures.window_end_date <= first_exposures.closed_date then coalesce(ticket_counts.tickets, 0)
        end as tickets,
        case when first_exposures.window_end_date <= first_exposures.closed_date then scores.nps end as nps,
        case when first_exposures.window_end_date <= first_exposures.closed_date then scores.csat end as csat,
        case
            when first_exposures.window_end_date <= first_exposures.closed_date
                then
                    coalesce(account_revenue.revenue / greatest(coalesce(account_users.users, 1), 1), 0e0)
                    + coalesce(own_revenue.revenue, 0e0)
        end as revenue,
        coalesce(activity.late_active_days_before, 0) as late_active_days_before,
        coalesce(ticket_counts.tickets_before, 0) as tickets_before,
        scores.nps_before,
        scores.csat_before,
        coalesce(account_revenue.revenue_before / greatest(coalesce(account_users.users, 1), 1), 0e0)
        + coalesce(own_revenue.revenue_before, 0e0) as revenue_before,
        coalesce(activity.active_days_before, 0) as active_days_before,
        coalesce(activity.events_before, 0) as events_before,
        coalesce(activity.sessions_before, 0) as sessions_before,
        first_exposures.has_several_variants,
        user_dates.user_id is not null as has_history,
        first_exposures.window_end_date <= first_exposures.closed_date as is_observed,
        segment_dates.segment_as_of,
        first_exposures.window_end_date,
        first_exposures.last_known_date,
        first_exposures.data_through as as_of_date,
        first_exposures.data_through,
        first_exposures.assigned_at
    from first_exposures
    left join segment_dates on first_exposures.assigned_date = segment_dates.assigned_date
    left join user_accounts
        on
            first_exposures.user_id = user_accounts.user_id
            and {{ segmentation.holds_on('user_accounts', 'first_exposures.assigned_date') }}
    left join user_dates
        on
            first_exposures.user_id = user_dates.user_id
            and segment_dates.segment_as_of = user_dates.as_of_date
    left join user_lifecycle_segments
        on
            first_exposures.user_id = user_lifecycle_segments.user_id
            and segment_dates.segment_as_of = user_lifecycle_segments.as_of_date
    left join activity
        on
            first_exposures.experiment = activity.experiment
            and first_exposures.user_id = activity.user_id
    left join conversions
        on
            first_exposures.experiment = conversions.experiment
            and first_exposures.user_id = conversions.user_id
    left join ticket_counts
        on
            first_exposures.experiment = ticket_counts.experiment
            and first_exposures.user_id = ticket_counts.user_id
    left join scores
        on
            first_exposures.experiment = scores.experiment
            and first_exposures.user_id = scores.user_id
    left join account_users
        on
            user_accounts.account_id = account_users.account_id
            and first_exposures.assigned_date = account_users.assigned_date
    left join account_revenue
        on
            user_accounts.account_id = account_revenue.account_id
            and first_exposures.assigned_date = account_revenue.assigned_date
    left join own_revenue
        on
            first_exposures.experiment = own_revenue.experiment
            and first_exposures.user_id = own_revenue.user_id
)
{%- endmacro %}
