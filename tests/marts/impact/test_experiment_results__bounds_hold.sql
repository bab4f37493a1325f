-- Estimates lie within their bounds, probabilities in 0 to 1, q is not below p, and segment and rest are everybody.
with
experiment_results as (
    select * from {{ ref('experiment_results') }}
),

experiment_outcomes as (
    select * from {{ ref('experiment_outcomes') }}
),

rests as (
    select
        experiment,
        variant,
        segment,
        metric,
        n + rest_n as users
    from experiment_outcomes
),

failures as (
    select
        'experiment_results: ' || results.experiment || ', ' || results.variant || ', ' || results.segment || ', '
        || results.metric || ': an estimate outside of its bounds, a probability outside of 0 to 1, a q below its p, '
        || 'or a claim where quality is insufficient.' as message
    from experiment_results as results
    left join rests
        on
            results.experiment = rests.experiment
            and results.variant = rests.variant
            and results.segment = rests.segment
            and results.metric = rests.metric
    left join experiment_results as everybody
        on
            results.experiment = everybody.experiment
            and results.variant = everybody.variant
            and results.metric = everybody.metric
            and everybody.segment = '__all__'
    where
        not coalesce(
            results.difference between results.difference_lower and results.difference_upper
            and results.p_value between 0 and 1,
            results.quality in ('insufficient', 'low_counts')
        )
        or not coalesce(
            results.cuped_difference between results.cuped_difference_lower and results.cuped_difference_upper, true
        )
        or not coalesce(results.difference between results.always_valid_lower and results.always_valid_upper, true)
        or not coalesce(results.interaction between results.interaction_lower and results.interaction_upper, true)
        or not coalesce(results.q_value >= results.p_value - 1e-12 and results.q_value <= 1, results.q_value is null)
        or not coalesce(results.interaction_q_value >= results.interaction_p_value - 1e-12, true)
        or not coalesce(results.heterogeneity_i_squared between 0 and 1, true)
        or not coalesce(results.heterogeneity_tau_squared >= 0, true)
        or (
            results.quality = 'insufficient'
            and coalesce(results.difference_lower, results.p_value, results.q_value, results.cuped_p_value) is not null
        )
        -- Where everybody has the same outcome there is nothing to test.
        or (
            results.standard_deviation = 0
            and results.baseline_standard_deviation = 0
            and results.difference = 0
            and coalesce(results.p_value, results.cuped_p_value, results.always_valid_p_value) < 1
        )
        or rests.users is distinct from everybody.n
)

select * from failures
