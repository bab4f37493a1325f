{%- set base = segmentation.setting('north_star_base') -%}
-- The change of a rate R = Σ share × rate between two dates. Each product is split at the midpoint, so that the order
-- in which share and rate change does not matter and nothing is left over:
--   share effect = (share − share before) × (mean of the group's two rates − mean of the two overall rates)
--   rate effect  = (mean of the two shares) × (rate − rate before)
-- Shares add up to 1 on both dates, so taking the overall rate off changes no sum: it gives the growth of a group below
-- the average the negative sign that it has.
with
group_totals as (
    select * from {{ ref('north_star_totals') }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

period_ends as (
    select
        as_of_date,
        row_number() over (order by as_of_date) as period_number
    from as_of_dates
    where is_period_end
),

{%- if base.date %}

chosen_base as (
    select max(as_of_date) as as_of_date
    from as_of_dates
    where as_of_date <= cast('{{ base.date }}' as date)
),
{%- endif %}

comparisons as (
    select
        'previous_period' as comparison,
        as_of_date,
        previous_as_of_date
    from as_of_dates
    where previous_as_of_date is not null
    union all
    {%- if base.date %}
    select
        'base_period' as comparison,
        as_of_dates.as_of_date,
        chosen_base.as_of_date as previous_as_of_date
    from as_of_dates
    inner join chosen_base on as_of_dates.as_of_date > chosen_base.as_of_date
    {%- else %}
    select
        'base_period' as comparison,
        as_of_dates.as_of_date,
        base_period_ends.as_of_date as previous_as_of_date
    from as_of_dates
    -- The previous period end is one period back.
    inner join period_ends on as_of_dates.previous_as_of_date = period_ends.as_of_date
    inner join period_ends as base_period_ends
        on period_ends.period_number - {{ base.periods_back - 1 }} = base_period_ends.period_number
    {%- endif %}
),

-- A group that is there on one of the two dates only has a row all the same.
sides as (
    select
        comparisons.comparison,
        group_totals.partition_name,
        group_totals.group_name,
        group_totals.users,
        cast(0 as bigint) as previous_users,
        group_totals.window_days,
        group_totals.total,
        0e0 as previous_total,
        comparisons.as_of_date,
        comparisons.previous_as_of_date
    from comparisons
    inner join group_totals
        on
            comparisons.comparison = group_totals.comparison
            and comparisons.as_of_date = group_totals.as_of_date
    union all
    select
        comparisons.comparison,
        group_totals.partition_name,
        group_totals.group_name,
        cast(0 as bigint) as users,
        group_totals.users as previous_users,
        group_totals.window_days,
        0e0 as total,
        group_totals.total as previous_total,
        comparisons.as_of_date,
        comparisons.previous_as_of_date
    from comparisons
    inner join group_totals
        on
            comparisons.comparison = group_totals.comparison
            and comparisons.previous_as_of_date = group_totals.as_of_date
),

paired as (
    select
        comparison,
        partition_name,
        group_name,
        cast(sum(users) as bigint) as users,
        cast(sum(previous_users) as bigint) as previous_users,
        max(window_days) as window_days,
        sum(total) as total,
        sum(previous_total) as previous_total,
        as_of_date,
        previous_as_of_date
    from sides
    group by comparison, partition_name, group_name, as_of_date, previous_as_of_date
),

overall as (
    select
        comparison,
        partition_name,
        cast(sum(users) as double) as users,
        cast(sum(previous_users) as double) as previous_users,
        sum(total) / nullif(sum(users), 0) as rate,
        sum(previous_total) / nullif(sum(previous_users), 0) as previous_rate,
        as_of_date
    from paired
    group by comparison, partition_name, as_of_date
),

rates as (
    select
        paired.comparison,
        paired.partition_name,
        paired.group_name,
        paired.users,
        paired.previous_users,
        paired.window_days,
        paired.users / nullif(overall.users, 0) as share,
        paired.previous_users / nullif(overall.previous_users, 0) as previous_share,
        paired.total / nullif(paired.users, 0) as rate,
        paired.previous_total / nullif(paired.previous_users, 0) as previous_rate,
        overall.rate as overall_rate,
        overall.previous_rate as previous_overall_rate,
        paired.as_of_date,
        paired.previous_as_of_date
    from paired
    inner join overall
        on
            paired.comparison = overall.comparison
            and paired.partition_name = overall.partition_name
            and paired.as_of_date = overall.as_of_date
),

-- A group that was not there has no rate; with the rate of the other date, all of its effect is one of shares.
effects as (
    select
        *,
        (share - previous_share) * (
            (coalesce(rate, previous_rate) + coalesce(previous_rate, rate)) / 2e0
            - (overall_rate + previous_overall_rate) / 2e0
        ) as share_effect,
        (share + previous_share) / 2e0 * (coalesce(rate, previous_rate) - coalesce(previous_rate, rate)) as rate_effect
    from rates
),

mix_shift as (
    select
        effects.comparison,
        effects.partition_name,
        effects.group_name,
        effects.users,
        effects.previous_users,
        effects.window_days,
        effects.share,
        effects.previous_share,
        effects.rate,
        effects.previous_rate,
        effects.share_effect,
        effects.rate_effect,
        effects.share_effect + effects.rate_effect as total_effect,
        effects.overall_rate,
        effects.previous_overall_rate,
        effects.overall_rate - effects.previous_overall_rate as overall_change,
        not as_of_dates.is_period_end as is_provisional,
        effects.as_of_date,
        effects.previous_as_of_date,
        data_through.data_through
    from effects
    inner join as_of_dates on effects.as_of_date = as_of_dates.as_of_date
    cross join data_through
)

select * from mix_shift
