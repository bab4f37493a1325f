{%- set metrics = segmentation.experiment_metrics() %}
{#- Sums of each arm: its values y less center × w, their weights w (1 but for a ratio), and covariates x. -#}
{%- set summed = {
    'total': ['outcome'],
    'weights': ['weight'],
    'shifted_total': ['shifted'],
    'squares': ['shifted', 'shifted'],
    'weighted_total': ['shifted', 'weight'],
    'weight_squares': ['weight', 'weight'],
    'cubes': ['shifted', 'shifted', 'shifted'],
    'weighted_squares': ['shifted', 'shifted', 'weight'],
    'total_by_weight_squares': ['shifted', 'weight', 'weight'],
    'weight_cubes': ['weight', 'weight', 'weight'],
    'covariate_total': ['covariate'],
    'covariate_squares': ['covariate', 'covariate'],
    'products': ['shifted', 'covariate'],
    'weighted_covariates': ['weight', 'covariate'],
} -%}

-- Sums first, from which means and spreads follow. Values are shifted by the experiment's mean, so that squares lose no
-- digits. The rest of a segment is everybody less the segment. Where accounts were assigned, errors are theirs.
with
experiment_users as (
    select * from {{ ref('experiment_users') }}
),

experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

all_segments as (
    select
        segment,
        case when is_lifecycle then 'lifecycle' else 'overlapping' end as segment_group
    from {{ ref('segments') }}
    union all
    select
        '__all__' as segment,
        '__all__' as segment_group
    union all
    -- Users without a history are in no segment: beside the lifecycle they are one more part of the whole.
    select
        '__no_history__' as segment,
        'lifecycle' as segment_group
),

metric_kinds as (
    {%- for metric in metrics %}
    select
        {{ segmentation.text_literal(metric.name) }} as metric,
        {{ segmentation.text_literal(metric.kind) }} as metric_kind,
        {{ segmentation.text_literal(metric.level) }} as metric_level
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

memberships as (
    {{ segmentation.segments_at_exposure('experiment_users', 'experiment') }}
),

unobserved_users as (
    select
        experiment_users.experiment,
        experiment_users.variant,
        memberships.segment,
        count(*) as unobserved_users
    from experiment_users
    inner join memberships
        on
            experiment_users.experiment = memberships.experiment
            and experiment_users.user_id = memberships.user_id
    where
        not experiment_users.is_observed
        and not experiment_users.has_several_variants
    group by experiment_users.experiment, experiment_users.variant, memberships.segment
),

-- What an account did is not what one of two variants did, if both are in it.
units as (
    select
        experiment_users.*,
        experiment_variants.randomization_unit,
        experiment_variants.randomization_unit = 'account'
        or experiment_users.account_id is null
        or count(*) over (partition by experiment_users.experiment, experiment_users.account_id) = 1 as has_account
    from experiment_users
    inner join experiment_variants
        on
            experiment_users.experiment = experiment_variants.experiment
            and experiment_users.variant = experiment_variants.variant
),

outcomes as (
    select
        units.experiment,
        units.user_id,
        units.account_id,
        units.variant,
        units.randomization_unit,
        metric_kinds.metric,
        {%- for column, field, ratio_only in [
            ('outcome', 'expression', false), ('weight', 'denominator', true), ('covariate', 'covariate', false),
            ('covariate_weight', 'covariate_denominator', true),
        ] %}
        case metric_kinds.metric
            {%- for metric in metrics if not ratio_only or metric.kind == 'ratio' %}
            when {{ segmentation.text_literal(metric.name) }} then cast({{ metric[field] }} as double)
            {%- endfor %}
            {{ "when '' then 1e0 else 1e0" if ratio_only else "when '' then cast(null as double)" }}
        end as {{ column }},
        {%- endfor %}
        units.has_account
    from units
    cross join metric_kinds
    where
        units.is_observed
        and not units.has_several_variants
        and (units.has_account or metric_kinds.metric_level = 'user')
),

centers as (
    select
        experiment,
        metric,
        sum(outcome) / nullif(sum(weight), 0) as outcome_center,
        sum(covariate) / nullif(sum(case when covariate is not null then covariate_weight end), 0) as covariate_center
    from outcomes
    where outcome is not null and weight is not null
    group by experiment, metric
),

shifted_outcomes as (
    select
        outcomes.experiment,
        outcomes.user_id,
        {{ segmentation.account_key('outcomes') }} as account_key,
        outcomes.variant,
        outcomes.randomization_unit,
        outcomes.metric,
        outcomes.outcome,
        outcomes.weight,
        centers.outcome_center,
        outcomes.outcome - centers.outcome_center * outcomes.weight as shifted,
        coalesce(outcomes.covariate - centers.covariate_center * outcomes.covariate_weight, 0e0) as covariate
    from outcomes
    inner join centers
        on
            outcomes.experiment = centers.experiment
            and outcomes.metric = centers.metric
    where outcomes.outcome is not null and outcomes.weight is not null
),

sums as (
    select
        shifted_outcomes.experiment,
        shifted_outcomes.variant,
        memberships.segment,
        shifted_outcomes.metric,
        {%- for name, factors in summed.items() %}
        sum(shifted_outcomes.{{ factors | join(' * shifted_outcomes.') }}) as {{ name }},
        {%- endfor %}
        max(shifted_outcomes.outcome_center) as center,
        count(distinct shifted_outcomes.account_key) as accounts,
        count(*) as n
    from shifted_outcomes
    inner join memberships
        on
            shifted_outcomes.experiment = memberships.experiment
            and shifted_outcomes.user_id = memberships.user_id
    group by
        shifted_outcomes.experiment, shifted_outcomes.variant, memberships.segment, shifted_outcomes.metric
),

{{ segmentation.experiment_account_sums() }},

-- Every variant in every segment by every metric, also where nobody is.
cells as (
    select
        experiment_variants.experiment,
        experiment_variants.variant,
        experiment_variants.randomization_unit,
        all_segments.segment,
        all_segments.segment_group,
        metric_kinds.metric,
        metric_kinds.metric_kind,
        coalesce(unobserved_users.unobserved_users, 0) as unobserved_users,
        coalesce(sums.n, 0) as n,
        coalesce(sums.accounts, 0) as accounts,
        everybody.center,
        {%- for name in summed %}
        coalesce(sums.{{ name }}, 0e0) as {{ name }},
        {%- endfor %}
        coalesce(everybody.n, 0) - coalesce(sums.n, 0) as rest_n,
        {%- for name in ['total', 'weights', 'shifted_total', 'weighted_total', 'weight_squares'] %}
        coalesce(everybody.{{ name }}, 0e0) - coalesce(sums.{{ name }}, 0e0) as rest_{{ name }},
        {%- endfor %}
        {{ segmentation.difference_of_sums(
            'coalesce(everybody.squares, 0e0)', 'coalesce(sums.squares, 0e0)', 'coalesce(everybody.squares, 0e0)'
        ) }} as rest_squares,
        coalesce(everybody.squares, 0e0) as everybody_squares
    from experiment_variants
    cross join all_segments
    cross join metric_kinds
    left join unobserved_users
        on
            experiment_variants.experiment = unobserved_users.experiment
            and experiment_variants.variant = unobserved_users.variant
            and all_segments.segment = unobserved_users.segment
    left join sums
        on
            experiment_variants.experiment = sums.experiment
            and experiment_variants.variant = sums.variant
            and all_segments.segment = sums.segment
            and metric_kinds.metric = sums.metric
    left join sums as everybody
        on
            experiment_variants.experiment = everybody.experiment
            and experiment_variants.variant = everybody.variant
            and metric_kinds.metric = everybody.metric
            and everybody.segment = '__all__'
),

ratios as (
    select
        *,
        shifted_total / nullif(weights, 0) as shifted_mean,
        weights / nullif(n, 0) as mean_weight,
        rest_shifted_total / nullif(rest_weights, 0) as rest_shifted_mean,
        rest_weights / nullif(rest_n, 0) as rest_mean_weight
    from cells
),

-- By the delta method: the values are residuals, value − mean × weight, in units of the mean weight.
spreads as (
    select
        *,
        sqrt({{ segmentation.residual_variance(
            'n', 'shifted_mean', 'squares', 'weighted_total', 'weight_squares', 'center'
        ) }}) / nullif(mean_weight, 0) as standard_deviation,
        sqrt({{ segmentation.residual_variance(
            'rest_n', 'rest_shifted_mean', 'rest_squares', 'rest_weighted_total', 'rest_weight_squares', 'center',
            taken_from='everybody_squares'
        ) }}) / nullif(rest_mean_weight, 0) as rest_standard_deviation,
        {{ segmentation.standard_deviation_from_sums('n', 'covariate_total', 'covariate_squares') }}
            as covariate_standard_deviation,
        (products - shifted_mean * weighted_covariates) / nullif(n - 1, 0) / nullif(mean_weight, 0) as covariance,
        (
            cubes - 3e0 * shifted_mean * weighted_squares + 3e0 * shifted_mean * shifted_mean * total_by_weight_squares
            - shifted_mean * shifted_mean * shifted_mean * weight_cubes
        ) / nullif(weights * weights * weights, 0) as third_moment_of_mean
    from ratios
),

variant_outcomes as (
    select
        spreads.experiment,
        spreads.variant,
        spreads.segment,
        spreads.segment_group,
        spreads.metric,
        spreads.metric_kind,
        cast(spreads.unobserved_users as bigint) as unobserved_users,
        cast(spreads.n as bigint) as n,
        cast(spreads.accounts as bigint) as accounts,
        spreads.total,
        spreads.total / nullif(spreads.weights, 0) as mean,
        spreads.standard_deviation,
        spreads.covariate_total / nullif(spreads.n, 0) as covariate_mean,
        spreads.covariate_standard_deviation,
        spreads.covariance,
        -- Of the mean: by account, or else from the spread of users.
        case
            when spreads.randomization_unit = 'account' then account_sums.squared_error
            else spreads.standard_deviation * spreads.standard_deviation / nullif(spreads.n, 0)
        end as squared_error,
        case
            when spreads.randomization_unit = 'account' then account_sums.covariate_error
            else
                spreads.covariate_standard_deviation * spreads.covariate_standard_deviation / nullif(spreads.n, 0)
        end as covariate_squared_error,
        case
            when spreads.randomization_unit = 'account' then account_sums.covariance_of_means
            else spreads.covariance / nullif(spreads.n, 0)
        end as covariance_of_means,
        case
            when spreads.randomization_unit = 'account' then account_sums.third_moment_of_mean
            else spreads.third_moment_of_mean
        end as third_moment_of_mean,
        case
            when spreads.randomization_unit = 'account' then account_sums.df
            when spreads.n > 1 then spreads.n - 1e0
        end as degrees_of_freedom,
        cast(spreads.rest_n as bigint) as rest_n,
        cast(account_sums.rest_accounts as bigint) as rest_accounts,
        spreads.rest_total / nullif(spreads.rest_weights, 0) as rest_mean,
        spreads.rest_standard_deviation,
        account_sums.interaction_error as interaction_squared_error,
        data_through.data_through as as_of_date,
        data_through.data_through
    from spreads
    cross join data_through
    left join account_sums
        on
            spreads.experiment = account_sums.experiment
            and spreads.variant = account_sums.variant
            and spreads.segment = account_sums.segment
            and spreads.metric = account_sums.metric
)

select * from variant_outcomes
