{%- set planned_users = segmentation.setting('experiment_planned_users') %}
{%- set metrics = segmentation.experiment_metrics() -%}

-- Sums over units (users, or accounts where these were assigned) grow only on days when a window of theirs ends, by
-- what that adds to Σ C², Σ C m and Σ m²: C is the unit's sum so far, and m its weights.
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

units as (
    select
        experiment_users.*,
        {{ segmentation.experiment_unit_key('experiment_users') }} as unit_key,
        experiment_variants.randomization_unit = 'account'
        or experiment_users.account_id is null
        or count(*) over (partition by experiment_users.experiment, experiment_users.account_id) = 1 as has_account
    from experiment_users
    inner join experiment_variants
        on
            experiment_users.experiment = experiment_variants.experiment
            and experiment_users.variant = experiment_variants.variant
),

arm_users as (
    select * from units
    where not has_several_variants
),

metric_kinds as (
    {%- for metric in metrics %}
    select
        {{ segmentation.text_literal(metric.name) }} as metric,
        {{ segmentation.text_literal(metric.level) }} as metric_level
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

outcomes as (
    select
        arm_users.experiment,
        arm_users.variant,
        arm_users.unit_key,
        metric_kinds.metric,
        {%- for column, field, ratio_only in [('outcome', 'expression', false), ('weight', 'denominator', true)] %}
        case metric_kinds.metric
            {%- for metric in metrics if not ratio_only or metric.kind == 'ratio' %}
            when {{ segmentation.text_literal(metric.name) }} then cast({{ metric[field] }} as double)
            {%- endfor %}
            {{ "when '' then 1e0 else 1e0" if ratio_only else "when '' then cast(null as double)" }}
        end as {{ column }},
        {%- endfor %}
        arm_users.window_end_date as result_date
    from arm_users
    cross join metric_kinds
    where
        arm_users.is_observed
        and (arm_users.has_account or metric_kinds.metric_level = 'user')
),

unit_dates as (
    select
        experiment,
        variant,
        unit_key,
        metric,
        result_date,
        cast(count(*) as double) as users,
        sum(outcome) as total,
        sum(weight) as weights
    from outcomes
    where
        outcome is not null
        and weight is not null
    group by experiment, variant, unit_key, metric, result_date
),

running_totals as (
    select
        *,
        coalesce(sum(total) over unit_so_far, 0e0) as total_before,
        coalesce(sum(weights) over unit_so_far, 0e0) as weights_before,
        row_number() over (partition by experiment, variant, metric, unit_key order by result_date) as place
    from unit_dates
    window
        unit_so_far as (
            partition by experiment, variant, metric, unit_key
            order by result_date
            rows between unbounded preceding and 1 preceding
        )
),

date_sums as (
    select
        experiment,
        variant,
        metric,
        result_date,
        sum(users) as users,
        cast(sum(case when place = 1 then 1 else 0 end) as double) as units,
        sum(total) as total,
        sum(weights) as weights,
        sum(total * (2e0 * total_before + total)) as squares,
        sum((total_before + total) * (weights_before + weights) - total_before * weights_before) as products,
        sum(weights * (2e0 * weights_before + weights)) as weight_squares
    from running_totals
    group by experiment, variant, metric, result_date
),

exposures as (
    select
        experiment,
        variant,
        {{ segmentation.day_of('assigned_at') }} as exposed_date,
        cast(count(*) as double) as exposed_users
    from arm_users
    group by experiment, variant, {{ segmentation.day_of('assigned_at') }}
),

spells as (
    select
        arm_users.experiment,
        min({{ segmentation.day_of('arm_users.assigned_at') }}) as first_date,
        least(max(arm_users.window_end_date), max(data_through.data_through)) as last_date
    from arm_users
    cross join data_through
    group by arm_users.experiment
),

all_dates as (
    {{ segmentation.date_series('(select min(first_date) from spells)', '(select max(last_date) from spells)') }}
),

-- Every variant on every date by every metric, also where nothing happened.
curves as (
    select
        experiment_variants.experiment,
        experiment_variants.variant,
        metric_kinds.metric,
        all_dates.series_date as result_date,
        coalesce(exposures.exposed_users, 0e0) as exposed_users,
        sum(coalesce(exposures.exposed_users, 0e0)) over so_far as cumulative_exposed_users,
        {%- for name in ['users', 'units', 'total', 'weights', 'squares', 'products', 'weight_squares'] %}
        sum(coalesce(date_sums.{{ name }}, 0e0)) over so_far as {{ name }},
        {%- endfor %}
        experiment_variants.randomization_unit
    from experiment_variants
    inner join spells on experiment_variants.experiment = spells.experiment
    cross join metric_kinds
    inner join all_dates on spells.first_date <= all_dates.series_date and spells.last_date >= all_dates.series_date
    left join exposures
        on
            experiment_variants.experiment = exposures.experiment
            and experiment_variants.variant = exposures.variant
            and all_dates.series_date = exposures.exposed_date
    left join date_sums
        on
            experiment_variants.experiment = date_sums.experiment
            and experiment_variants.variant = date_sums.variant
            and metric_kinds.metric = date_sums.metric
            and all_dates.series_date = date_sums.result_date
    window
        so_far as (
            partition by experiment_variants.experiment, experiment_variants.variant, metric_kinds.metric
            order by all_dates.series_date
            rows between unbounded preceding and current row
        )
),

arm_squares as (
    select
        *,
        total / nullif(weights, 0e0) as mean,
        squares - 2e0 * total / nullif(weights, 0e0) * products
        + total / nullif(weights, 0e0) * total / nullif(weights, 0e0) * weight_squares as residual_squares
    from curves
),

-- What is left of the squares below rounding is no spread.
arm_means as (
    select
        *,
        case
            when units > 1e0 and residual_squares > 1e-12 * squares
                then residual_squares / (weights * weights) * units / nullif(units - 1e0, 0e0)
            when units > 1e0 and residual_squares is not null then 0e0
        end as squared_error
    from arm_squares
),

compared as (
    {{ segmentation.arms_against_control(
        'arm_means', ['metric', 'result_date'], ['exposed_users', 'cumulative_exposed_users']
    ) }}
),

margins as (
    select
        *,
        case
            when has_units
                then {{ segmentation.always_valid_half_width('standard_error', 'n + baseline_n', planned_users) }}
        end as half_width
    from compared
),

timeline as (
    select
        margins.experiment,
        margins.variant,
        margins.control_variant,
        margins.metric,
        margins.randomization_unit,
        cast(margins.exposed_users as bigint) as exposed_users,
        cast(margins.baseline_exposed_users as bigint) as baseline_exposed_users,
        cast(margins.cumulative_exposed_users as bigint) as cumulative_exposed_users,
        cast(margins.baseline_cumulative_exposed_users as bigint) as baseline_cumulative_exposed_users,
        margins.n,
        margins.baseline_n,
        margins.mean,
        margins.baseline_mean,
        margins.difference,
        margins.difference - margins.half_width as always_valid_lower,
        margins.difference + margins.half_width as always_valid_upper,
        margins.result_date,
        data_through.data_through as as_of_date,
        data_through.data_through
    from margins
    cross join data_through
)

select * from timeline
