{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'did_sums', 'change_moments'],
    sized_by='did_sums'
) }}
{%- set names = [
    'n', 'accounts', 'squares', 'total', 'change_total', 'change_weight', 'before_total', 'before_weight',
] %}

-- The change of a segment's users beside that of all others who were there too, from did_sums alone.
with
metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice() }}
),

did_sums as (
    select * from {{ ref('did_sums') }}
    where {{ segmentation.in_slice() }}
),

change_moments as (
    select * from {{ ref('change_moments') }}
    where {{ segmentation.in_slice() }}
),

-- One row per date, segment and metric, also where nobody is there on both dates.
both_sides as (
    select
        change_moments.segment,
        change_moments.metric,
        metric_rulers.kind,
        {%- for name in names %}
        coalesce(did_sums.{{ name }}, 0e0) as {{ name }},
        coalesce(all_sums.{{ name }}, 0e0) as all_{{ name }},
        {%- endfor %}
        all_sums.accounts - coalesce(did_sums.whole_accounts, 0e0) as baseline_accounts,
        did_sums.account_squares,
        did_sums.account_products,
        all_sums.account_squares as all_account_squares,
        all_sums.cubes as all_cubes,
        change_moments.difference as mean,
        change_moments.as_of_date
    from change_moments
    inner join as_of_dates on change_moments.as_of_date = as_of_dates.as_of_date
    inner join metric_rulers
        on
            change_moments.metric = metric_rulers.metric
            and change_moments.as_of_date = metric_rulers.as_of_date
    left join did_sums
        on
            change_moments.segment = did_sums.segment
            and change_moments.metric = did_sums.metric
            and change_moments.as_of_date = did_sums.as_of_date
    left join did_sums as all_sums
        on
            all_sums.segment = ''
            and change_moments.metric = all_sums.metric
            and change_moments.as_of_date = all_sums.as_of_date
    where as_of_dates.previous_as_of_date is not null
),

-- All others are everybody less the segment.
rest_sums as (
    select
        *,
        all_n - n as baseline_n,
        all_change_total - change_total as baseline_change_total,
        all_change_weight - change_weight as baseline_change_weight,
        all_before_total - before_total as baseline_before_total,
        all_total - total as baseline_total,
        {{ segmentation.difference_of_sums('all_before_weight', 'before_weight', 'all_before_weight') }}
            as baseline_before_weight,
        {{ segmentation.difference_of_sums('all_squares', 'squares', 'all_squares') }} as baseline_squares
    from both_sides
),

rest_changes as (
    select
        *,
        case
            when baseline_n = 0 then cast(null as double)
            when kind = 'ratio'
                then
                    (
                        baseline_change_total
                        - baseline_change_weight * baseline_before_total / nullif(baseline_before_weight, 0)
                    ) / nullif(baseline_before_weight + baseline_change_weight, 0)
            else baseline_change_total / nullif(baseline_n, 0)
        end as baseline_change,
        {{ segmentation.standard_deviation_from_sums('baseline_n', 'baseline_total', 'baseline_squares') }}
            as baseline_deviation
    from rest_sums
),

final as (
    select
        segment,
        metric,
        n,
        baseline_n,
        mean,
        -- A change far below those of single users is rounding.
        case
            when abs(baseline_change) <= 1e-12 * sqrt(all_squares / nullif(all_n, 0)) then 0e0
            else baseline_change
        end as baseline_mean,
        {{ segmentation.standard_deviation_from_sums('n', 'total', 'squares') }} as standard_deviation,
        -- The rest is a difference of sums: of all whose squares are so large, this is rounding.
        case
            when baseline_deviation <= 1e-6 * sqrt(all_squares / nullif(all_n, 0)) then 0e0
            else baseline_deviation
        end as baseline_standard_deviation,
        {{ segmentation.standard_deviation_from_sums('all_n', 'all_total', 'all_squares') }} as spread,
        total / nullif(n, 0) as test_mean,
        baseline_total / nullif(baseline_n, 0) as test_baseline_mean,
        {{ segmentation.skewness_from_sums('all_n', 'all_total', 'all_squares', 'all_cubes') }} as skew,
        -- Of those whose 0 or 1 changed, half are expected to change in either direction, in the smaller group too.
        case
            when kind = 'binary' then
                (all_squares + all_change_total * all_change_total / nullif(all_n, 0)) / 2e0
                * least(n, baseline_n) / nullif(all_n, 0)
        end as smallest_cell,
        case when kind = 'ordinal' then total / nullif(n, 0) - baseline_total / nullif(baseline_n, 0) end
            as cliffs_delta,
        accounts,
        coalesce(baseline_accounts, 0e0) as baseline_accounts,
        {{ segmentation.design_effect(
            'n', 'all_n', 'squares', 'all_squares', 'account_squares', 'account_products', 'all_account_squares'
        ) }} as design_effect,
        as_of_date
    from rest_changes
)

select * from final
