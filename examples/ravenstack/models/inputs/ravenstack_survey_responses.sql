-- The score that a ticket is closed with is a CSAT answer; as one it reaches csat_score.
with
support_tickets as (
    select * from {{ ref('raw_support_tickets') }}
),

mapped as (
    select
        ticket_id as response_id,
        account_id as user_id,
        'ticket_satisfaction' as survey,
        'csat' as instrument,
        'satisfaction_score' as question,
        null as answer,
        satisfaction_score as score,
        {{ day_first('closed_at') }} as responded_at
    from support_tickets
    where satisfaction_score is not null
)

select * from mapped
