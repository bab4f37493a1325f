-- Conditions end before the outcome begins, the outcome can be seen in full, and an account is in one half only.
with
driver_observations as (
    select
        *,
        min(case when is_discovery then 1 else 0 end) over (partition by cluster_id) as lowest_half,
        max(case when is_discovery then 1 else 0 end) over (partition by cluster_id) as highest_half
    from {{ ref('driver_observations') }}
),

failures as (
    select
        'driver_observations: ' || target || ', ' || unit_id || ': conditions from '
        || cast(conditions_from_date as {{ dbt.type_string() }}) || ' to '
        || cast(anchor_date as {{ dbt.type_string() }})
        || ', features of ' || coalesce(cast(features_date as {{ dbt.type_string() }}), 'no date') || ', outcome until '
        || cast(outcome_through_date as {{ dbt.type_string() }}) || ', data until '
        || cast(data_through as {{ dbt.type_string() }})
        || ': these must stand in this order, and all units of an account in one half.' as message
    from driver_observations
    where
        not coalesce(
            conditions_from_date <= anchor_date
            and anchor_date < outcome_through_date
            and outcome_through_date <= data_through,
            false
        )
        or not coalesce(features_date <= anchor_date and features_date >= conditions_from_date, true)
        or lowest_half != highest_half
)

select * from failures
