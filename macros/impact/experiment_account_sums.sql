{#
    CTEs of what accounts say of each arm of the experiments (or campaigns) that assigned accounts, the last of them
    `account_sums`: one row per experiment, variant, segment and metric with
      accounts              accounts of the arm's users; a user without an account is one of their own
      squared_error         of the arm's mean
      covariate_error       of the covariate's mean
      covariance_of_means   of the two
      third_moment_of_mean  third central moment of the mean
      df                    degrees of freedom of squared_error
      rest_accounts         accounts that have users outside of the segment
      interaction_error     squared error of the arm's mean less that of its users outside of the segment

    With S the sum over an account's users of value − mean × weight, W the arm's weights and h the account's share of them:
    Σ S² / (1 − h) / W². Where each user has an account of his own that is variance / n, and df is n − 1.

    Arguments: none; shifted_outcomes (experiment, variant, metric, user_id, account_key, randomization_unit, shifted, weight,
               covariate) and memberships (experiment, user_id, segment) are in scope.
    Call:      {{ experiment_account_sums() }}
    Source:    Bell and McCaffrey (2002), Survey Methodology 28, 169–181: CR2 and its degrees of freedom; Pustejovsky and Tipton
               (2018), Journal of Business and Economic Statistics 36, 672–683.
#}
{% macro experiment_account_sums() -%}
account_values as (
    select
        shifted_outcomes.experiment,
        shifted_outcomes.variant,
        memberships.segment,
        shifted_outcomes.metric,
        shifted_outcomes.account_key,
        cast(count(*) as double) as n,
        sum(shifted_outcomes.shifted) as total,
        sum(shifted_outcomes.weight) as weights,
        sum(shifted_outcomes.covariate) as covariate
    from shifted_outcomes
    inner join memberships
        on
            shifted_outcomes.experiment = memberships.experiment
            and shifted_outcomes.user_id = memberships.user_id
    where shifted_outcomes.randomization_unit = 'account'
    group by
        shifted_outcomes.experiment, shifted_outcomes.variant, memberships.segment, shifted_outcomes.metric,
        shifted_outcomes.account_key
),

account_cells as (
    select
        *,
        sum(n) over (partition by experiment, variant, segment, metric) as cell_n,
        sum(total) over (partition by experiment, variant, segment, metric) as cell_total,
        sum(weights) over (partition by experiment, variant, segment, metric) as cell_weights,
        sum(covariate) over (partition by experiment, variant, segment, metric) as cell_covariate
    from account_values
),

-- What the account adds to the mean, to that of the covariate, and to the mean outside of the segment.
account_parts as (
    select
        inside.experiment,
        inside.variant,
        inside.segment,
        inside.metric,
        inside.n,
        inside.weights,
        inside.cell_weights,
        everybody.n > inside.n as has_rest,
        (inside.total - inside.cell_total / nullif(inside.cell_weights, 0) * inside.weights)
        / nullif(inside.cell_weights, 0) as part,
        inside.covariate / inside.cell_n - inside.cell_covariate / inside.cell_n * inside.n / inside.cell_n as covariate_part,
        1e0 - inside.weights / nullif(inside.cell_weights, 0) as left_over,
        everybody.cell_weights - inside.cell_weights as rest_weights,
        (everybody.cell_total - inside.cell_total) / nullif(everybody.cell_weights - inside.cell_weights, 0) as rest_mean,
        everybody.total,
        everybody.weights as account_weights,
        (everybody.total - inside.total) - (everybody.cell_total - inside.cell_total)
        / nullif(everybody.cell_weights - inside.cell_weights, 0) * (everybody.weights - inside.weights) as rest_sum
    from account_cells as inside
    inner join account_cells as everybody
        on
            inside.experiment = everybody.experiment
            and inside.variant = everybody.variant
            and inside.metric = everybody.metric
            and inside.account_key = everybody.account_key
            and everybody.segment = '__all__'
),

arm_accounts as (
    select
        experiment,
        variant,
        metric,
        count(*) as accounts,
        sum(total * total) as squares,
        sum(total * weights) as products,
        sum(weights * weights) as weight_squares
    from account_values
    where segment = '__all__'
    group by experiment, variant, metric
),

{{ segmentation._experiment_account_errors() }}
{%- endmacro %}

{# Its last CTE: the sums over the accounts of an arm. Those outside of the segment are all of the arm, less what is inside. #}
{% macro _experiment_account_errors() -%}
account_sums as (
    select
        parts.experiment,
        parts.variant,
        parts.segment,
        parts.metric,
        count(*) as accounts,
        sum(parts.part * parts.part / nullif(parts.left_over, 0)) as squared_error,
        sum(parts.covariate_part * parts.covariate_part / nullif(parts.left_over, 0)) as covariate_error,
        sum(parts.part * parts.covariate_part / nullif(parts.left_over, 0)) as covariance_of_means,
        sum(parts.part * parts.part * parts.part) as third_moment_of_mean,
        1e0 / nullif(
            sum(parts.weights * parts.weights) / (max(parts.cell_weights) * max(parts.cell_weights))
            + (
                power(sum(parts.weights * parts.weights / nullif(parts.left_over, 0)), 2)
                - sum(power(parts.weights * parts.weights / nullif(parts.left_over, 0), 2))
            ) / power(max(parts.cell_weights), 4), 0
        ) as df,
        max(arm_accounts.accounts) - count(case when not parts.has_rest then 1 end) as rest_accounts,
        count(*) / nullif(count(*) - 1e0, 0) * (
            sum(parts.part * parts.part - 2e0 * parts.part * parts.rest_sum / nullif(parts.rest_weights, 0))
            + (
                max(arm_accounts.squares) - 2e0 * max(parts.rest_mean) * max(arm_accounts.products)
                + max(parts.rest_mean) * max(parts.rest_mean) * max(arm_accounts.weight_squares)
                + sum(
                    parts.rest_sum * parts.rest_sum
                    - power(parts.total - parts.rest_mean * parts.account_weights, 2)
                )
            ) / nullif(max(parts.rest_weights) * max(parts.rest_weights), 0)
        ) as interaction_error
    from account_parts as parts
    inner join arm_accounts
        on
            parts.experiment = arm_accounts.experiment
            and parts.variant = arm_accounts.variant
            and parts.metric = arm_accounts.metric
    group by parts.experiment, parts.variant, parts.segment, parts.metric
)
{%- endmacro %}
