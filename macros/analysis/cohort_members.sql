{#
    CTEs of the cohorts of a model by date, the last of them `members`: user_id, segment ('__all__' for everybody) and cohort_date,
    the members of each segment at each period end of the slice. `cohorts` has the dates; `colleagues` has, for each of these dates,
    the users who share their account with somebody, with the account as `shared_account`: only they need to be counted account by
    account.

    Call:      {{ cohort_members() }},
#}
{% macro cohort_members() -%}
cohorts as (
    select as_of_date as cohort_date
    from {{ ref('as_of_dates') }}
    where
        is_period_end
        and {{ segmentation.in_slice() }}
),

user_dates as (
    select * from {{ ref('user_dates') }}
    where {{ segmentation.in_slice() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice() }}
),

population as (
    select
        user_dates.user_id,
        user_dates.account_id,
        count(*) over (partition by user_dates.account_id, cohorts.cohort_date) as account_users,
        cohorts.cohort_date
    from user_dates
    inner join cohorts on user_dates.as_of_date = cohorts.cohort_date
),

colleagues as (
    select
        user_id,
        account_id as shared_account,
        cohort_date
    from population
    where
        account_id is not null
        and account_users > 1
),

members as (
    select
        user_segments.user_id,
        user_segments.segment,
        cohorts.cohort_date
    from user_segments
    inner join cohorts on user_segments.as_of_date = cohorts.cohort_date
    union all
    select
        user_id,
        '__all__' as segment,
        cohort_date
    from population
)
{%- endmacro %}
