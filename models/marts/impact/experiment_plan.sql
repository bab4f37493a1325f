{%- set metrics = segmentation.experiment_metrics() %}
{%- set window_days = segmentation.setting('experiment_window_days') %}
{%- set least_users = segmentation.setting('min_test_users') %}
{%- set least_accounts = segmentation.setting('min_test_accounts') %}
{%- set upper = segmentation._double((1 + segmentation.setting('confidence_level')) / 2) %}
{%- set power = segmentation._double(segmentation.setting('power')) -%}

-- How many users, or accounts, each of two equal arms needs so that an effect is noticed. From a rehearsal: what users
-- did who were in the segment a window ago.
with
experiment_baselines as (
    select * from {{ ref('experiment_baselines') }}
),

effects as (
    {%- for effect in [0.05, 0.1, 0.2, 0.5] %}
    select {{ segmentation._double(effect) }} as relative_effect
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

metric_roles as (
    {%- for metric in metrics %}
    select
        {{ segmentation.text_literal(metric.name) }} as metric,
        {{ segmentation.text_literal(metric.kind) }} as metric_kind,
        {{ segmentation.text_literal(metric.role) }} as role,
        {{ segmentation.text_literal(metric.level) }} as metric_level,
        {{ '1e0' if metric.direction == 'up' else '-1e0' }} as better
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

planned as (
    select
        experiment_baselines.*,
        metric_roles.metric_kind,
        metric_roles.role,
        metric_roles.metric_level,
        metric_roles.better,
        effects.relative_effect,
        case
            when
                experiment_baselines.n < 2
                or experiment_baselines.standard_deviation is null
                or experiment_baselines.mean is null
                or experiment_baselines.mean <= 0
                then 'insufficient'
            when
                experiment_baselines.n < {{ least_users }}
                or experiment_baselines.accounts < {{ least_accounts }}
                then 'small_n'
            else 'ok'
        end as quality,
        -- How many there are to assign for each who has an outcome.
        experiment_baselines.planned_users / cast(nullif(experiment_baselines.n, 0) as double) as users_per_outcome,
        experiment_baselines.planned_accounts / cast(nullif(experiment_baselines.n, 0) as double)
            as accounts_per_outcome,
        cast(experiment_baselines.n as double) / nullif(experiment_baselines.planned_users, 0) as outcome_share
    from experiment_baselines
    inner join metric_roles on experiment_baselines.metric = metric_roles.metric
    cross join effects
),

effect_sizes as (
    select
        *,
        case when quality != 'insufficient' then relative_effect * mean end as difference,
        case
            when quality = 'insufficient' then cast(null as double)
            when metric_kind = 'binary'
                then {{ segmentation.cohens_h('mean * (1e0 + better * relative_effect)', 'mean') }}
            else relative_effect * mean / nullif(standard_deviation, 0e0)
        end as effect_size
    from planned
),

-- Outcomes that each arm needs.
outcomes_needed as (
    select
        *,
        2e0 * power({{ segmentation.normal_quantile(upper) }} + {{ segmentation.normal_quantile(power) }}, 2)
        / nullif(effect_size * effect_size, 0e0) as outcomes_by_user,
        2e0 * power({{ segmentation.normal_quantile(upper) }} + {{ segmentation.normal_quantile(power) }}, 2)
        / nullif(effect_size * effect_size, 0e0) * design_effect as outcomes_by_account
    from effect_sizes
),

-- Never fewer than are tested at all.
samples as (
    select
        *,
        case
            when metric_level = 'user' and outcomes_by_user is not null
                then ceil(greatest(outcomes_by_user, {{ least_users }}) * users_per_outcome)
        end as users_needed,
        case
            when outcomes_by_account is not null
                then ceil(greatest(outcomes_by_account, {{ least_users }}) * users_per_outcome)
        end as account_users_needed,
        case
            when outcomes_by_account is not null
                then ceil(greatest(outcomes_by_account * accounts_per_outcome, {{ least_accounts }}))
        end as accounts_needed
    from outcomes_needed
),

-- All who are there begin at once; the others as they come in. The last of them needs a whole window. No day is added
-- for what is rounding.
experiment_plan as (
    select
        metric,
        segment,
        metric_kind,
        role,
        quality,
        relative_effect,
        n,
        accounts,
        users,
        current_accounts,
        users_per_week,
        accounts_per_week,
        outcome_share,
        mean,
        standard_deviation,
        design_effect,
        account_correlation,
        difference,
        effect_size,
        cast(users_needed as bigint) as users_needed,
        cast(
            case
                when 2e0 * users_needed <= users then {{ window_days }}
                else {{ window_days }} + ceil((2e0 * users_needed - users) * 7e0 / nullif(users_per_week, 0e0) - 1e-9)
            end as bigint
        ) as days_needed,
        cast(account_users_needed as bigint) as account_users_needed,
        cast(accounts_needed as bigint) as accounts_needed,
        cast(
            case
                when 2e0 * accounts_needed <= current_accounts then {{ window_days }}
                else
                    {{ window_days }}
                    + ceil((2e0 * accounts_needed - current_accounts) * 7e0 / nullif(accounts_per_week, 0e0) - 1e-9)
            end as bigint
        ) as account_days_needed,
        case
            when metric_level = 'user' and quality != 'insufficient'
                then
                    {{ segmentation.smallest_detectable_difference(
                        'standard_deviation', 'users * outcome_share / 2e0', 'users * outcome_share / 2e0'
                    ) }} / mean
        end as smallest_detectable_lift,
        case
            when quality != 'insufficient'
                then
                    {{ segmentation.smallest_detectable_difference(
                        'standard_deviation * sqrt(design_effect)', 'users * outcome_share / 2e0',
                        'users * outcome_share / 2e0'
                    ) }} / mean
        end as account_smallest_detectable_lift,
        segment_as_of,
        assigned_date,
        as_of_date,
        data_through
    from samples
)

select * from experiment_plan
