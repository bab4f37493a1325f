-- Every date with users that lies 28 days or more before data_through is judged; nobody is lost; the AUC lies within
-- its interval, and is NULL exactly where all left or all stayed.
with
health_score_quality as (
    select * from {{ ref('health_score_quality') }}
),

populations as (
    select
        user_dates.as_of_date,
        count(*) as users
    from {{ ref('user_dates') }} as user_dates
    inner join {{ ref('data_through') }} as data_through
        on user_dates.as_of_date <= {{ segmentation.days_before('data_through.data_through', 28) }}
    group by user_dates.as_of_date
),

failures as (
    select
        'health_score_quality: ' || cast(populations.as_of_date as {{ dbt.type_string() }}) || ' had '
        || cast(populations.users as {{ dbt.type_string() }}) || ' users and judges '
        || coalesce(cast(health_score_quality.n as {{ dbt.type_string() }}), 'none')
        || ', or its AUC and interval are out of order.' as message
    from populations
    left join health_score_quality
        on
            populations.as_of_date = health_score_quality.as_of_date
            and health_score_quality.population = 'all_users'
    where
        not coalesce(
            health_score_quality.n = populations.users
            and health_score_quality.churned_users between 0 and health_score_quality.n
            and (health_score_quality.auc is null)
            = (health_score_quality.churned_users in (0, health_score_quality.n))
            and coalesce(
                health_score_quality.auc between health_score_quality.auc_lower and health_score_quality.auc_upper, true
            ),
            false
        )
)

select * from failures
