{#
    CTEs of what the window after the assignment holds beside events, and the one before it: ticket_counts, scores (the last answer to
    each survey), account_users, account_revenue and own_revenue.

    Arguments: window_days (whole number); first_exposures, user_accounts, users, tickets, responses and invoices are in scope.
    Call:      {{ experiment_window_outcomes(28) }}
#}
{% macro experiment_window_outcomes(window_days) -%}
{%- set after_ticket = segmentation.in_window(segmentation.day_of('tickets.created_at'), 'first_exposures.window_end_date', window_days) -%}
{%- set before_ticket = segmentation.in_window(segmentation.day_of('tickets.created_at'), 'first_exposures.assigned_date', window_days, 1) -%}
{%- set after_answer = segmentation.in_window(segmentation.day_of('responses.responded_at'), 'first_exposures.window_end_date', window_days) -%}
{%- set before_answer = segmentation.in_window(segmentation.day_of('responses.responded_at'), 'first_exposures.assigned_date', window_days, 1) -%}
ticket_counts as (
    select
        first_exposures.experiment,
        first_exposures.user_id,
        cast(count(case when {{ after_ticket }} then 1 end) as bigint) as tickets,
        cast(count(case when {{ before_ticket }} then 1 end) as bigint) as tickets_before
    from first_exposures
    inner join tickets on first_exposures.user_id = tickets.user_id
    group by first_exposures.experiment, first_exposures.user_id
),

-- The last answer within each window.
answers as (
    select
        first_exposures.experiment,
        first_exposures.user_id,
        responses.instrument,
        responses.score,
        {{ after_answer }} as is_after,
        row_number() over (
            partition by
                first_exposures.experiment, first_exposures.user_id, responses.instrument,
                {{ after_answer }}
            order by responses.responded_at desc, responses.response_id desc
        ) as place
    from first_exposures
    inner join responses on first_exposures.user_id = responses.user_id
    where
        responses.instrument in ('nps', 'csat')
        and responses.score is not null
        and ({{ after_answer }} or {{ before_answer }})
),

scores as (
    select
        experiment,
        user_id,
        {%- for suffix, condition in [('', 'is_after'), ('_before', 'not is_after')] %}
        max(case
            when instrument = 'nps' and {{ condition }}
                then case when score >= 9 then 1e2 when score >= 7 then 0e0 else -1e2 end
        end) as nps{{ suffix }},
        max(case when instrument = 'csat' and {{ condition }} then score end) as csat{{ suffix }},
        {%- endfor %}
        count(*) as answers
    from answers
    where place = 1
    group by experiment, user_id
),

{{ segmentation._experiment_account_revenue(window_days) }}
{%- endmacro %}

{# Its CTEs of what accounts paid. An account pays, not a user: its revenue is divided among whoever was its user on the day of the assignment. #}
{% macro _experiment_account_revenue(window_days) -%}
account_days as (
    select
        user_accounts.account_id,
        first_exposures.assigned_date,
        max(first_exposures.window_end_date) as window_end_date
    from first_exposures
    inner join user_accounts
        on
            first_exposures.user_id = user_accounts.user_id
            and {{ segmentation.holds_on('user_accounts', 'first_exposures.assigned_date') }}
    where user_accounts.account_id is not null
    group by user_accounts.account_id, first_exposures.assigned_date
),

account_users as (
    select
        account_days.account_id,
        account_days.assigned_date,
        count(*) as users
    from account_days
    inner join user_accounts
        on
            account_days.account_id = user_accounts.account_id
            and {{ segmentation.holds_on('user_accounts', 'account_days.assigned_date') }}
    inner join users
        on
            user_accounts.user_id = users.user_id
            and {{ segmentation.day_of('users.signed_up_at') }} <= account_days.assigned_date
            and (users.deleted_at is null or {{ segmentation.day_of('users.deleted_at') }} > account_days.assigned_date)
    group by account_days.account_id, account_days.assigned_date
),

account_revenue as (
    select
        account_days.account_id,
        account_days.assigned_date,
        {{- segmentation._revenue_in_windows('account_days', window_days) }}
        count(*) as invoices
    from account_days
    inner join invoices on account_days.account_id = invoices.account_id
    group by account_days.account_id, account_days.assigned_date
),

-- What users paid alone.
own_revenue as (
    select
        first_exposures.experiment,
        first_exposures.user_id,
        {{- segmentation._revenue_in_windows('first_exposures', window_days) }}
        count(*) as invoices
    from first_exposures
    inner join invoices
        on
            first_exposures.user_id = invoices.user_id
            and invoices.account_id is null
    group by first_exposures.experiment, first_exposures.user_id
)
{%- endmacro %}

{# Columns revenue and revenue_before: what invoices paid in the window after and in the one before; `relation` has their ends. #}
{% macro _revenue_in_windows(relation, window_days) -%}
        {%- for suffix, end, offset in [('', 'window_end_date', 0), ('_before', 'assigned_date', 1)] %}
        cast(sum(
            case
                when {{ segmentation.in_window(
                    segmentation.day_of('invoices.paid_at'), relation ~ '.' ~ end, window_days, offset
                ) }}
                    then
                        cast(cast(invoices.amount as double) * {{ segmentation.currency_rate('currency') }}
                            as decimal(38, 8))
            end
        ) as double) as revenue{{ suffix }},
        {%- endfor %}
{%- endmacro %}
