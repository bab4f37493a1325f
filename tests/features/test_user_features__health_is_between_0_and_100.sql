-- The health score lies between 0 and 100.
with
value_features as (
    select * from {{ ref('user_features') }}
),

failures as (
    select
        'user_value_features: user ' || user_id || ' on ' || cast(as_of_date as {{ dbt.type_string() }})
        || ' has a health score of ' || coalesce(cast(health_score as {{ dbt.type_string() }}), 'NULL')
        || ', outside 0 to 100. A component of health_score() is not clamped to 0 to 1.' as message
    from value_features
    where not coalesce(health_score between -1e-9 and 100 + 1e-9, false)
)

select * from failures
