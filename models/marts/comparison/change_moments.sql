{{ config(
    materialized='by_date',
    upstream=['metric_rulers', 'group_moments', 'change_sums'],
    sized_by='change_sums',
    before=['group_moments']
) }}
{%- set sums = segmentation.change_sum_columns(segmentation.metrics()[0]) | list %}
{%- set factors = ['change_factor', 'change_weight_factor', 'weight_factor', 'before_factor'] %}

-- How the users of a segment have changed since the date before, from change_sums alone.
with
metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

as_of_dates as (
    select * from {{ ref('as_of_dates') }}
    where {{ segmentation.in_slice() }}
),

change_sums as (
    select * from {{ ref('change_sums') }}
    where {{ segmentation.in_slice() }}
),

group_moments as (
    select * from {{ ref('group_moments') }}
    where {{ segmentation.in_slice(before=true) }}
),

segment_means as (
    select
        segment,
        metric,
        mean,
        as_of_date
    from group_moments
    where baseline = 'all'
),

-- One row per date, segment and metric, also where nobody is there on both dates.
change_ratios as (
    select
        segment_means.segment,
        segment_means.metric,
        metric_rulers.kind,
        metric_rulers.center,
        metric_rulers.raw_center,
        metric_rulers.size,
        metric_rulers.raw_size,
        segment_means.mean as segment_mean,
        coalesce(change_sums.n, 0e0) as n,
        {%- for name in sums if name != 'n' %}
        change_sums.{{ name }},
        {%- endfor %}
        change_sums.total / nullif(change_sums.weight, 0) as ratio,
        change_sums.before_total / nullif(change_sums.before_weight, 0) as before_ratio,
        case
            when metric_rulers.kind = 'ratio'
                then
                    change_sums.change_total
                    - change_sums.change_weight * change_sums.before_total / nullif(change_sums.before_weight, 0)
            else change_sums.change_total
        end as net_change,
        -- What changes of single users could add up to: a net change far below it is rounding.
        sqrt(change_sums.n * change_sums.change_squares)
        + coalesce(
            abs(change_sums.before_total / nullif(change_sums.before_weight, 0))
            * sqrt(change_sums.n * change_sums.change_weight_squares),
            0e0
        ) as gross_change,
        change_sums.n / nullif(change_sums.weight, 0) as scale,
        change_sums.n / nullif(change_sums.before_weight, 0) as before_scale,
        -change_sums.n
        * change_sums.change_weight
        / nullif(change_sums.weight * change_sums.before_weight, 0) as scale_change,
        as_of_dates.previous_as_of_date,
        segment_means.as_of_date
    from segment_means
    inner join as_of_dates on segment_means.as_of_date = as_of_dates.as_of_date
    inner join metric_rulers
        on
            segment_means.metric = metric_rulers.metric
            and segment_means.as_of_date = metric_rulers.as_of_date
    left join change_sums
        on
            segment_means.segment = change_sums.segment
            and segment_means.metric = change_sums.metric
            and segment_means.as_of_date = change_sums.as_of_date
),

exact_changes as (
    select
        *,
        case when abs(net_change) <= 1e-12 * gross_change then 0e0 else net_change end
        / nullif(weight, 0) as ratio_change
    from change_ratios
),

change_variances as (
    select
        *,
        scale * scale
        * {{ segmentation.residual_variance('n', 'ratio', 'squares', 'products', 'weight_squares', 'center') }}
            as variance,
        before_scale * before_scale * {{ segmentation.residual_variance(
            'n', 'before_ratio', 'before_squares', 'before_products', 'before_weight_squares', 'center'
        ) }} as before_variance,
        -- Of a user's linearized change of a ratio, written as sum of small terms: of the change of value and weight,
        -- and of the earlier weight and value, which count as far as the group's ratio and mean weight have changed.
        scale as change_factor,
        -scale * ratio as change_weight_factor,
        -scale * ratio_change - scale_change * before_ratio as weight_factor,
        scale_change as before_factor
    from exact_changes
),

change_terms as (
    select
        *,
        {{ segmentation.linear_change_terms('squares', '', factors) }} as square_terms,
        {{ segmentation.linear_change_terms('products', '', factors) }} as mixed_terms
    from change_variances
),

changes as (
    select
        *,
        case
            when kind != 'ratio' then {{ segmentation.residual_variance(
                'n', 'ratio_change', 'change_squares', 'change_total', 'n', '0e0'
            ) }}
            -- What is left below rounding is no spread.
            when square_terms + mixed_terms > 1e-12 * square_terms
                then (square_terms + mixed_terms) / nullif(n - 1e0, 0)
            when square_terms >= 0 then 0e0
        end as change_variance
    from change_terms
),

final as (
    select
        changes.segment,
        changes.metric,
        changes.n,
        {%- for side, before in [('', ''), ('baseline_', 'before_')] %}
        {{ segmentation.mean_from_sums(
            'changes.' ~ before ~ 'total', 'changes.' ~ before ~ 'weight', 'changes.center', 'changes.size'
        ) }} as {{ side }}mean,
        {{ segmentation.mean_from_sums(
            'changes.' ~ before ~ 'raw_total', 'changes.' ~ before ~ 'raw_weight', 'changes.raw_center', 'changes.raw_size'
        ) }} as {{ side }}raw_mean,
        sqrt({{ 'changes.' ~ before ~ 'variance' }}) as {{ side }}standard_deviation,
        {%- endfor %}
        changes.ratio_change as difference,
        sqrt(changes.change_variance) as spread,
        -- Of ordered values only the direction counts.
        case when changes.kind = 'ordinal' then changes.signs / nullif(changes.n, 0) else changes.ratio_change end
            as test_mean,
        -- Without a change each difference is as likely to be the same with the other sign: then their variance is
        -- their mean square.
        case
            when changes.kind = 'ordinal' then changes.moves / nullif(changes.n, 0)
            else
                (changes.n - 1e0) / nullif(changes.n, 0) * changes.change_variance
                + changes.ratio_change * changes.ratio_change
        end as test_variance,
        -- One sample of n has the error of two of 2 n.
        2e0 * changes.n as test_n,
        {{ segmentation.skewness_from_sums(
            'changes.n', 'changes.change_total', 'changes.change_squares', 'changes.change_cubes'
        ) }} as skew,
        -- Of those whose 0 or 1 changed, half are expected to change in either direction.
        case when changes.kind = 'binary' then changes.change_squares / 2e0 end as smallest_cell,
        case when changes.kind = 'ordinal' then changes.signs / nullif(changes.n, 0) end as cliffs_delta,
        case
            when
                abs(changes.segment_mean - previous_means.mean - changes.ratio_change)
                <= 1e-12 * (abs(changes.segment_mean) + abs(previous_means.mean)) then 0e0
            else changes.segment_mean - previous_means.mean - changes.ratio_change
        end as composition_effect,
        changes.as_of_date,
        changes.previous_as_of_date
    from changes
    left join segment_means as previous_means
        on
            changes.segment = previous_means.segment
            and changes.metric = previous_means.metric
            and changes.previous_as_of_date = previous_means.as_of_date
)

select * from final
