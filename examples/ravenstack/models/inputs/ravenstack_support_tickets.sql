with
support_tickets as (
    select * from {{ ref('raw_support_tickets') }}
),

mapped as (
    select
        ticket_id,
        account_id as user_id,
        null as topic,
        priority,
        satisfaction_score as satisfaction,
        -- When they answered is not recorded. It was not before the ticket was closed.
        case when satisfaction_score is not null then {{ day_first('closed_at') }} end as satisfied_at,
        {{ day_first('submitted_at') }} as created_at,
        {{ day_first('closed_at') }} as solved_at
    from support_tickets
)

select * from mapped
