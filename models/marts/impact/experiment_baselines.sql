{%- set metrics = segmentation.experiment_metrics() %}
{%- set window_days = segmentation.setting('experiment_window_days') %}
{%- set sums = ['n', 'total', 'weight', 'squares', 'products', 'weight_squares'] -%}

-- A rehearsal: as if everybody had been assigned on the last day whose window is over, in the segments of the date
-- before. What a user would bring to an experiment is measured as experiment_users does.
with
data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select as_of_date from {{ ref('as_of_dates') }}
),

last_days as (
    select
        {{ segmentation.closed_through('data_through') }} as closed_date,
        data_through.data_through
    from data_through
),

starts as (
    select
        {{ segmentation.days_before('last_days.closed_date', window_days) }} as assigned_date,
        last_days.closed_date,
        last_days.data_through,
        max(as_of_dates.as_of_date) as segment_as_of
    from last_days
    inner join as_of_dates
        on {{ segmentation.days_before('last_days.closed_date', window_days) }} > as_of_dates.as_of_date
    group by last_days.closed_date, last_days.data_through
),

user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
    where as_of_date >= (select starts.segment_as_of from starts)
),

user_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_segments') }}
    where as_of_date >= (select starts.segment_as_of from starts)
),

user_lifecycle_segments as (
    select * from {{ ref('user_lifecycle_segments') }}
    where as_of_date >= (select starts.segment_as_of from starts)
),

user_accounts as (
    select * from {{ ref('user_accounts') }}
),

user_days as (
    select * from {{ ref('user_days') }}
),

user_event_days as (
    select * from {{ ref('user_event_days') }}
),

tickets as (
    select * from {{ ref('stg_support_tickets') }}
),

responses as (
    select * from {{ ref('stg_survey_responses') }}
),

invoices as (
    select * from {{ ref('stg_invoices') }}
),

users as (
    select * from {{ ref('stg_users') }}
),

all_segments as (
    select segment from {{ ref('segments') }}
    union all
    select '__all__' as segment
),

first_exposures as (
    select
        'rehearsal' as experiment,
        user_dates.user_id,
        'everybody' as variant,
        false as has_several_variants,
        starts.assigned_date,
        starts.closed_date as window_end_date,
        starts.closed_date as last_known_date,
        starts.closed_date,
        starts.data_through,
        cast(starts.assigned_date as timestamp) as assigned_at
    from starts
    inner join user_dates on starts.segment_as_of = user_dates.as_of_date
),

{{ segmentation.exposure_outcomes(window_days) }},

named_users as (
    select
        exposed_users.*,
        {{ segmentation.account_key('exposed_users') }} as account_key
    from exposed_users
),

outcomes as (
    select
        user_id,
        account_key,
        {%- for metric in metrics %}
        {%- set weight = metric.denominator if metric.kind == 'ratio' else '1e0' %}
        case when ({{ weight }}) is not null then cast({{ metric.expression }} as double) end
            as {{ metric.name }},
        case when ({{ metric.expression }}) is not null then cast({{ weight }} as double) end
            as {{ metric.name }}__weight,
        {%- endfor %}
        segment_as_of
    from named_users
),

-- Who is in which segment, on the date of the rehearsal and on those after it.
members as (
    select * from user_segments
    union all
    select
        user_id,
        '__all__' as segment,
        as_of_date
    from user_dates
),

account_cells as (
    select
        members.segment,
        outcomes.account_key,
        cast(count(*) as double) as users,
        {%- for metric in metrics %}
        cast(count(outcomes.{{ metric.name }}) as double) as {{ metric.name }}__n,
        coalesce(sum(outcomes.{{ metric.name }}), 0e0) as {{ metric.name }}__total,
        coalesce(sum(outcomes.{{ metric.name }}__weight), 0e0) as {{ metric.name }}__weight,
        coalesce(sum(outcomes.{{ metric.name }} * outcomes.{{ metric.name }}), 0e0) as {{ metric.name }}__squares,
        coalesce(sum(outcomes.{{ metric.name }} * outcomes.{{ metric.name }}__weight), 0e0)
            as {{ metric.name }}__products,
        coalesce(sum(outcomes.{{ metric.name }}__weight * outcomes.{{ metric.name }}__weight), 0e0)
            as {{ metric.name }}__weight_squares,
        {%- endfor %}
        max(members.as_of_date) as as_of_date
    from outcomes
    inner join members
        on
            outcomes.user_id = members.user_id
            and outcomes.segment_as_of = members.as_of_date
    group by members.segment, outcomes.account_key
),

metric_kinds as (
    {%- for metric in metrics %}
    select {{ segmentation.text_literal(metric.name) }} as metric
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cells as (
    select
        account_cells.segment,
        metric_kinds.metric,
        account_cells.users,
        {%- for name in sums %}
        case metric_kinds.metric
            {%- for metric in metrics %}
            when {{ segmentation.text_literal(metric.name) }} then account_cells.{{ metric.name }}__{{ name }}
            {%- endfor %}
        end as {{ name }},
        {%- endfor %}
        account_cells.account_key
    from account_cells
    cross join metric_kinds
),

-- Σ T², Σ T W and Σ W² over accounts, and Σ n²: what colleagues have in common.
segment_sums as (
    select
        segment,
        metric,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        sum(total * total) as account_squares,
        sum(total * weight) as account_products,
        sum(weight * weight) as account_weight_squares,
        sum(n * n) as size_squares,
        cast(count(case when n > 0 then 1 end) as double) as accounts,
        sum(users) as planned_users,
        cast(count(*) as double) as planned_accounts
    from cells
    group by segment, metric
),

-- Members on the newest date, and those who came in since the rehearsal.
member_dates as (
    select
        members.segment,
        members.user_id,
        coalesce('account ' || max(user_accounts.account_id), 'user ' || members.user_id) as account_key,
        max(case when members.as_of_date = starts.segment_as_of then 1 else 0 end) as was_member,
        max(case when members.as_of_date = starts.data_through then 1 else 0 end) as is_member
    from members
    cross join starts
    left join user_accounts
        on
            members.user_id = user_accounts.user_id
            and {{ segmentation.holds_on('user_accounts', 'starts.data_through') }}
    group by members.segment, members.user_id
),

member_accounts as (
    select
        segment,
        account_key,
        cast(sum(is_member) as double) as users,
        cast(sum(1 - was_member) as double) as new_users,
        max(is_member) as is_member,
        1 - max(was_member) as is_new
    from member_dates
    group by segment, account_key
),

traffic as (
    select
        member_accounts.segment,
        sum(member_accounts.users) as users,
        cast(sum(member_accounts.is_member) as double) as accounts,
        sum(member_accounts.new_users) * 7e0
        / {{ segmentation.days_between('max(starts.segment_as_of)', 'max(starts.data_through)') }} as users_per_week,
        sum(member_accounts.is_new) * 7e0
        / {{ segmentation.days_between('max(starts.segment_as_of)', 'max(starts.data_through)') }} as accounts_per_week
    from member_accounts
    cross join starts
    group by member_accounts.segment
),

means as (
    select
        *,
        total / nullif(weight, 0e0) as mean
    from segment_sums
),

residuals as (
    select
        *,
        squares - 2e0 * mean * products + mean * mean * weight_squares as residual_squares,
        account_squares - 2e0 * mean * account_products + mean * mean * account_weight_squares
            as account_residual_squares
    from means
),

-- What is left of the squares below rounding is no spread. That colleagues differ more than strangers is chance.
spreads as (
    select
        *,
        case
            when residual_squares > 1e-12 * squares
                then sqrt(residual_squares / nullif(n - 1e0, 0e0)) * n / nullif(weight, 0e0)
        end as standard_deviation,
        case
            when residual_squares > 1e-12 * squares and accounts > 1e0
                then
                    greatest(
                        1e0,
                        account_residual_squares * accounts / nullif(accounts - 1e0, 0e0)
                        / nullif(residual_squares * n / nullif(n - 1e0, 0e0), 0e0)
                    )
        end as design_effect
    from residuals
),

experiment_baselines as (
    select
        metric_kinds.metric,
        all_segments.segment,
        cast(coalesce(spreads.n, 0e0) as bigint) as n,
        cast(coalesce(spreads.accounts, 0e0) as bigint) as accounts,
        cast(coalesce(spreads.planned_users, 0e0) as bigint) as planned_users,
        cast(coalesce(spreads.planned_accounts, 0e0) as bigint) as planned_accounts,
        cast(coalesce(traffic.users, 0e0) as bigint) as users,
        cast(coalesce(traffic.accounts, 0e0) as bigint) as current_accounts,
        coalesce(traffic.users_per_week, 0e0) as users_per_week,
        coalesce(traffic.accounts_per_week, 0e0) as accounts_per_week,
        spreads.mean,
        spreads.standard_deviation,
        spreads.design_effect,
        (spreads.design_effect - 1e0) / nullif(spreads.size_squares / nullif(spreads.n, 0e0) - 1e0, 0e0)
            as account_correlation,
        starts.segment_as_of,
        starts.assigned_date,
        starts.data_through as as_of_date,
        starts.data_through
    from metric_kinds
    cross join all_segments
    cross join starts
    left join spreads
        on
            metric_kinds.metric = spreads.metric
            and all_segments.segment = spreads.segment
    left join traffic on all_segments.segment = traffic.segment
)

select * from experiment_baselines
