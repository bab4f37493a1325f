{%- set window_days = segmentation.setting('experiment_window_days') -%}

-- A user's first assignment counts, with what the user did in the window after it and in the one before it.
with
assignments as (
    select * from {{ ref('user_assignments') }}
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

user_lifecycle_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_lifecycle_segments') }}
),

user_accounts as (
    select * from {{ ref('user_accounts') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

user_event_days as (
    select * from {{ ref('user_event_days') }}
),

tickets as (
    select * from {{ ref('stg_support_tickets') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

known_assignments as (
    select
        assignments.experiment,
        assignments.variant,
        assignments.user_id,
        assignments.assigned_at,
        assignments.known_date,
        {{ segmentation.closed_through('data_through') }} as closed_date,
        data_through.data_through
    from assignments
    inner join data_through on assignments.known_date <= data_through.data_through
),

ordered_assignments as (
    select
        *,
        row_number() over (partition by experiment, user_id order by assigned_at, variant, known_date) as place,
        min(variant) over (partition by experiment, user_id) != max(variant) over (partition by experiment, user_id)
            as has_several_variants
    from known_assignments
),

first_exposures as (
    select
        experiment,
        user_id,
        variant,
        has_several_variants,
        {{ segmentation.day_of('assigned_at') }} as assigned_date,
        {{ segmentation.days_before(segmentation.day_of('assigned_at'), -window_days) }} as window_end_date,
        greatest({{ segmentation.days_before(segmentation.day_of('assigned_at'), -window_days) }}, known_date)
            as last_known_date,
        closed_date,
        data_through,
        assigned_at
    from ordered_assignments
    where place = 1
),

{{ segmentation.exposure_outcomes(window_days) }}

select * from exposed_users
