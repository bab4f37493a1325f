-- Every assigned user is dropped, unobserved or compared, once: overall, and over the disjoint parts. Every id that was
-- assigned is that of a user or counted as unknown.
with
experiment_checks as (
    select * from {{ ref('experiment_checks') }}
),

experiment_users as (
    select * from {{ ref('experiment_users') }}
),

lifecycle_segments as (
    select segment from {{ ref('segments') }}
    where is_lifecycle
),

assigned as (
    select
        assignments.experiment,
        cast(count(distinct case
            when assignments.known_date <= data_through.data_through then assignments.user_id
        end) as bigint) as assigned_users,
        cast(count(distinct case
            when assignments.user_id is null or assignments.known_date > data_through.data_through
                then assignments.named_id
        end) as bigint) as unknown_users
    from {{ ref('user_assignments') }} as assignments
    cross join {{ ref('data_through') }} as data_through
    where {{ segmentation.day_of('assignments.assigned_at') }} <= data_through.data_through
    group by assignments.experiment
),

compared as (
    select
        experiment,
        sum(case when is_observed and not has_several_variants then 1 else 0 end) as compared_users
    from experiment_users
    group by experiment
),

parts as (
    select
        experiment,
        sum(users) as users
    from experiment_checks
    where
        segment = '__no_history__'
        or segment in (select lifecycle_segments.segment from lifecycle_segments)
    group by experiment
),

failures as (
    select
        'experiment_checks: ' || assigned.experiment || ' has '
        || cast(assigned.assigned_users as {{ dbt.type_string() }})
        || ' assigned users, counted again. They must be those of __all__, and dropped, unobserved and compared ones '
        || 'must add up to them, as must the users of the lifecycle and of __no_history__. '
        || cast(assigned.unknown_users as {{ dbt.type_string() }}) || ' unknown ids must be counted too.' as message
    from assigned
    left join experiment_checks
        on
            assigned.experiment = experiment_checks.experiment
            and experiment_checks.segment = '__all__'
    left join compared on assigned.experiment = compared.experiment
    left join parts on assigned.experiment = parts.experiment
    where
        assigned.assigned_users is distinct from experiment_checks.assigned_users
        or assigned.unknown_users is distinct from experiment_checks.unknown_users
        or assigned.assigned_users is distinct from (
            experiment_checks.dropped_users + experiment_checks.unobserved_users + coalesce(compared.compared_users, 0)
        )
        or experiment_checks.users + experiment_checks.dropped_users is distinct from assigned.assigned_users
        -- Without a lifecycle there are no parts.
        or (
            exists (select lifecycle_segments.segment from lifecycle_segments)
            and parts.users is distinct from experiment_checks.users
        )
)

select * from failures
