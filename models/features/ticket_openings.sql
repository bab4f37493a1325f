-- A ticket that was opened again had been solved before. Where nobody says when, it counts as solved from its first day
-- on: otherwise the opening of today would open it on all days before, too.
{{ config(materialized='view') }}

with
tickets as (
    select
        *,
        case
            when reopened_at is null then solved_at
            when first_solved_at < reopened_at then first_solved_at
            when solved_at < reopened_at then solved_at
            else created_at
        end as solved_before_at,
        case when solved_at >= reopened_at then solved_at end as solved_again_at
    from {{ ref('stg_support_tickets') }}
),

openings as (
    select
        ticket_id,
        user_id,
        {{ segmentation.day_of('created_at') }} as opened_date,
        {{ segmentation.day_of('solved_before_at') }} as solved_date
    from tickets
    union all
    select
        ticket_id,
        user_id,
        {{ segmentation.day_of('greatest(reopened_at, created_at)') }} as opened_date,
        {{ segmentation.day_of('solved_again_at') }} as solved_date
    from tickets
    where reopened_at is not null
),

-- What was solved on the day on which it was opened was open at the end of no day.
lasting as (
    select *
    from openings
    where solved_date is null or solved_date > opened_date
)

select * from lasting
