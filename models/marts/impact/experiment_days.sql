{%- set window_days = segmentation.setting('experiment_window_days') %}
{%- set planned_users = segmentation.setting('experiment_planned_users') %}
{%- set quantile_p = segmentation._double(1 - (1 - segmentation.setting('confidence_level')) / 2) %}
{%- set metrics = segmentation.experiment_metrics() | selectattr('daily', 'defined') | list %}
{%- set spans = {'on_day': 'day', 'through_day': 'cumulative'} -%}

-- Sums over units (users, or accounts where these were assigned) grow only on days with activity, by what these add to
-- Σ w C² and Σ w C m: C is the unit's sum so far, m its users, w = 1 / (1 − its share of all), as in
-- experiment_account_sums().
with
experiment_users as (
    select * from {{ ref('experiment_users') }}
),

experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

observed_users as (
    select
        experiment_users.experiment,
        experiment_users.variant,
        experiment_users.user_id,
        {{ segmentation.experiment_unit_key('experiment_users') }} as unit_key,
        {{ segmentation.day_of('experiment_users.assigned_at') }} as assigned_date,
        experiment_users.window_end_date,
        experiment_users.last_known_date
    from experiment_users
    inner join experiment_variants
        on
            experiment_users.experiment = experiment_variants.experiment
            and experiment_users.variant = experiment_variants.variant
    where
        experiment_users.is_observed
        and not experiment_users.has_several_variants
        and (experiment_variants.is_control or not experiment_variants.is_holdout)
),

unit_sizes as (
    select
        experiment,
        variant,
        unit_key,
        cast(count(*) as double) as users,
        cast(sum(count(*)) over (partition by experiment, variant) as double) as n
    from observed_users
    group by experiment, variant, unit_key
),

units as (
    select
        *,
        1e0 / nullif(1e0 - users / n, 0e0) as inflation
    from unit_sizes
),

arms as (
    select
        experiment,
        variant,
        count(*) as units,
        max(n) as n,
        sum(inflation * users * users) as inflated_squares,
        1e0 / nullif(
            sum(users * users) / (max(n) * max(n))
            + (power(sum(inflation * users * users), 2) - sum(power(inflation * users * users, 2))) / power(max(n), 4),
            0
        ) as df
    from units
    group by experiment, variant
),

unit_days as (
    {%- for metric in metrics %}
    select
        observed_users.experiment,
        observed_users.variant,
        observed_users.unit_key,
        {{ segmentation.text_literal(metric.name) }} as metric,
        {{ segmentation.days_between('observed_users.assigned_date', 'user_days.event_date') }} as day_number,
        cast(sum({{ metric.daily }}) as double) as total
    from observed_users
    inner join user_days on observed_users.user_id = user_days.user_id
    where
        {{ segmentation.in_window('user_days.event_date', 'observed_users.window_end_date', window_days) }}
        and user_days.known_date <= observed_users.last_known_date
    group by
        observed_users.experiment, observed_users.variant, observed_users.unit_key,
        {{ segmentation.days_between('observed_users.assigned_date', 'user_days.event_date') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

running_totals as (
    select
        *,
        coalesce(sum(total) over (
            partition by experiment, variant, metric, unit_key
            order by day_number
            rows between unbounded preceding and 1 preceding
        ), 0e0) as total_before
    from unit_days
),

day_sums as (
    select
        running_totals.experiment,
        running_totals.variant,
        running_totals.metric,
        running_totals.day_number,
        sum(running_totals.total) as total,
        sum(units.inflation * running_totals.total * units.users) as products,
        sum(units.inflation * running_totals.total * running_totals.total) as squares,
        sum(units.inflation * running_totals.total * (2e0 * running_totals.total_before + running_totals.total))
            as added_squares
    from running_totals
    inner join units
        on
            running_totals.experiment = units.experiment
            and running_totals.variant = units.variant
            and running_totals.unit_key = units.unit_key
    group by running_totals.experiment, running_totals.variant, running_totals.metric, running_totals.day_number
),

days as (
    {%- for number in range(1, window_days + 1) %}
    select cast({{ number }} as bigint) as day_number
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

metric_names as (
    {%- for metric in metrics %}
    select {{ segmentation.text_literal(metric.name) }} as metric
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- Every day of the window, also where nobody did anything.
curves as (
    select
        arms.*,
        metric_names.metric,
        days.day_number,
        coalesce(day_sums.total, 0e0) as day_total,
        coalesce(day_sums.products, 0e0) as day_products,
        coalesce(day_sums.squares, 0e0) as day_squares,
        {%- for name, column in [('total', 'total'), ('products', 'products'), ('squares', 'added_squares')] %}
        sum(coalesce(day_sums.{{ column }}, 0e0)) over (
            partition by arms.experiment, arms.variant, metric_names.metric
            order by days.day_number
            rows between unbounded preceding and current row
        ) as cumulative_{{ name }},
        {%- endfor %}
        arms.n as users
    from arms
    cross join metric_names
    cross join days
    left join day_sums
        on
            arms.experiment = day_sums.experiment
            and arms.variant = day_sums.variant
            and metric_names.metric = day_sums.metric
            and days.day_number = day_sums.day_number
),

arm_squares as (
    {%- for span, name in spans.items() %}
    select
        experiment,
        variant,
        metric,
        '{{ span }}' as span,
        day_number,
        n,
        users,
        units,
        df,
        {{ name }}_total / n as mean,
        {{ name }}_squares as squares,
        {{ name }}_squares - 2e0 * {{ name }}_total / n * {{ name }}_products
        + {{ name }}_total / n * {{ name }}_total / n * inflated_squares as residual_squares
    from curves
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- What is left of the squares below rounding is no spread.
arm_means as (
    select
        *,
        case
            when residual_squares > 1e-12 * squares then residual_squares / (n * n)
            when residual_squares is not null then 0e0
        end as squared_error
    from arm_squares
),

compared as (
    {{ segmentation.arms_against_control('arm_means', ['metric', 'span', 'day_number'], ['df']) }}
),

errors as (
    select
        *,
        {{ segmentation.satterthwaite_df([
            ['squared_error', 'df + 1'], ['baseline_squared_error', 'baseline_df + 1'],
        ]) }}
            as df_of_difference
    from compared
),

margins as (
    select
        *,
        {{ segmentation.student_t_quantile(quantile_p, 'df_of_difference') }} * standard_error as half_width,
        case
            when span = 'through_day' and has_units
                then
                    {{ segmentation.always_valid_half_width('standard_error', 'n + baseline_n', planned_users) }}
        end as always_valid_half_width
    from errors
),

experiment_days as (
    select
        margins.experiment,
        margins.variant,
        margins.control_variant,
        margins.metric,
        margins.span,
        margins.randomization_unit,
        margins.day_number,
        margins.n,
        margins.baseline_n,
        margins.mean,
        margins.baseline_mean,
        margins.difference,
        margins.difference - margins.half_width as difference_lower,
        margins.difference + margins.half_width as difference_upper,
        margins.difference - margins.always_valid_half_width as always_valid_lower,
        margins.difference + margins.always_valid_half_width as always_valid_upper,
        data_through.data_through as as_of_date,
        data_through.data_through
    from margins
    cross join data_through
)

select * from experiment_days
