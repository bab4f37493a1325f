{{ config(
    materialized='by_date',
    upstream=['user_segments', 'metric_rulers', 'metric_sums', 'rank_tests'],
    sized_by='metric_sums'
) }}
{%- set sums = segmentation.metric_sum_columns(segmentation.metrics()[0]) | list %}
{#- Sums of numbers of both signs: what is left of them when some are taken away may be anything. #}
{%- set signed_sums = ['total', 'products', 'raw_total'] %}
{#- What is compared within strata. #}
{%- set summed = ['n', 'weight', 'total', 'squares', 'products', 'weight_squares'] %}
{%- set is_rest = "compared_groups.baseline = 'rest'" %}

-- The two sides of every comparison of one date, from metric_sums alone.
with
user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.in_slice() }}
),

metric_rulers as (
    select * from {{ ref('metric_rulers') }}
    where {{ segmentation.in_slice() }}
),

metric_sums as (
    select * from {{ ref('metric_sums') }}
    where {{ segmentation.in_slice() }}
),

rank_tests as (
    select * from {{ ref('rank_tests') }}
    where {{ segmentation.in_slice() }}
),

segments as (
    select
        segment,
        retired_on
    from {{ ref('segments') }}
),

compared_groups as (
    {{ segmentation.compared_groups(segmentation.setting('comparison_pairs')) }}
),

-- The group without a name is everybody.
groups as (
    select segment from segments
    union all
    select '' as segment
),

known_sums as (
    select
        segment,
        metric,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        as_of_date
    from metric_sums
    group by segment, metric, as_of_date
),

-- One row per date, group and metric, also where the group is empty.
group_sums as (
    select
        groups.segment,
        metric_rulers.metric,
        {%- for name in sums %}
        coalesce(known_sums.{{ name }}, 0e0) as {{ name }},
        {%- endfor %}
        metric_rulers.as_of_date
    from metric_rulers
    cross join groups
    left join known_sums
        on
            groups.segment = known_sums.segment
            and metric_rulers.metric = known_sums.metric
            and metric_rulers.as_of_date = known_sums.as_of_date
),

shared_users as (
    select
        compared_groups.segment,
        compared_groups.baseline,
        user_segments.as_of_date
    from compared_groups
    inner join user_segments on compared_groups.segment = user_segments.segment
    inner join user_segments as other_segments
        on
            compared_groups.other_group = other_segments.segment
            and user_segments.user_id = other_segments.user_id
            and user_segments.as_of_date = other_segments.as_of_date
    where compared_groups.other_group != ''
    group by compared_groups.segment, compared_groups.baseline, user_segments.as_of_date
),

compared_sums as (
    select
        compared_groups.segment,
        compared_groups.baseline,
        case when compared_groups.other_group != '' then compared_groups.other_group end as other_segment,
        group_sums.metric,
        {%- for name in sums %}
        group_sums.{{ name }},
        {%- endfor %}
        {%- for name in sums %}
        case
            when {{ is_rest }}
                then {{ 'other_sums.' ~ name ~ ' - group_sums.' ~ name if name in signed_sums
                    else segmentation.difference_of_sums('other_sums.' ~ name, 'group_sums.' ~ name, 'other_sums.' ~ name) }}
            else other_sums.{{ name }}
        end as baseline_{{ name }},
        {%- endfor %}
        compared_groups.baseline = 'all' or shared_users.segment is not null as is_overlapping,
        group_sums.as_of_date
    from compared_groups
    inner join segments on compared_groups.segment = segments.segment
    inner join group_sums on compared_groups.segment = group_sums.segment
    inner join group_sums as other_sums
        on
            compared_groups.other_group = other_sums.segment
            and group_sums.metric = other_sums.metric
            and group_sums.as_of_date = other_sums.as_of_date
    left join shared_users
        on
            compared_groups.segment = shared_users.segment
            and compared_groups.baseline = shared_users.baseline
            and group_sums.as_of_date = shared_users.as_of_date
    where segments.retired_on is null or segments.retired_on >= group_sums.as_of_date
),

-- Ratios of what is summed: of each side, and of both together.
ratios as (
    select
        compared_sums.*,
        metric_rulers.kind,
        metric_rulers.center,
        metric_rulers.raw_center,
        metric_rulers.size,
        metric_rulers.raw_size,
        metric_rulers.skew,
        compared_sums.total / nullif(compared_sums.weight, 0) as ratio,
        compared_sums.baseline_total / nullif(compared_sums.baseline_weight, 0) as baseline_ratio,
        (compared_sums.total + compared_sums.baseline_total)
        / nullif(compared_sums.weight + compared_sums.baseline_weight, 0) as pooled_ratio,
        compared_sums.n + compared_sums.baseline_n as pooled_n,
        compared_sums.weight + compared_sums.baseline_weight as pooled_weight,
        compared_sums.squares + compared_sums.baseline_squares as pooled_squares,
        compared_sums.products + compared_sums.baseline_products as pooled_products,
        compared_sums.weight_squares + compared_sums.baseline_weight_squares as pooled_weight_squares
    from compared_sums
    inner join metric_rulers
        on
            compared_sums.metric = metric_rulers.metric
            and compared_sums.as_of_date = metric_rulers.as_of_date
),

residuals as (
    select
        *,
    {%- for side in ['', 'baseline_', 'pooled_'] %}
        {{ segmentation.residual_variance(
            side ~ 'n', side ~ 'ratio', side ~ 'squares', side ~ 'products', side ~ 'weight_squares', 'center',
            taken_from="case when baseline = 'rest' then pooled_squares else baseline_squares end" if side == 'baseline_'
        ) }} as {{ side }}variance{{ ',' if not loop.last }}
    {%- endfor %}
    from ratios
),

-- The difference within strata, weighted by the segment: what is left where plan and tenure are alike.
compared_strata as (
    select
        compared_groups.segment,
        compared_groups.baseline,
        metric_sums.metric,
        {%- for name in summed %}
        metric_sums.{{ name }},
        {%- if name in signed_sums %}
        other_sums.{{ name }} - case when {{ is_rest }} then metric_sums.{{ name }} else 0e0 end
            as baseline_{{ name }},
        {%- else %}
        case
            when {{ is_rest }}
                then {{ segmentation.difference_of_sums(
                    'other_sums.' ~ name, 'metric_sums.' ~ name, 'other_sums.' ~ name
                ) }}
            else other_sums.{{ name }}
        end as baseline_{{ name }},
        {%- endif %}
        {%- endfor %}
        metric_sums.total / nullif(metric_sums.weight, 0) as ratio,
        other_sums.squares as all_squares,
        metric_sums.as_of_date
    from compared_groups
    inner join metric_sums on compared_groups.segment = metric_sums.segment
    left join metric_sums as other_sums
        on
            compared_groups.other_group = other_sums.segment
            and metric_sums.metric = other_sums.metric
            and metric_sums.plan = other_sums.plan
            and metric_sums.tenure_band = other_sums.tenure_band
            and metric_sums.as_of_date = other_sums.as_of_date
    where compared_groups.baseline != 'all'
),

stratum_ratios as (
    select
        compared_strata.*,
        metric_rulers.center,
        compared_strata.baseline_total / nullif(compared_strata.baseline_weight, 0) as baseline_ratio,
        compared_strata.weight / nullif(compared_strata.baseline_weight, 0) as scale,
        coalesce(compared_strata.weight > 0 and compared_strata.baseline_weight > 0, false) as is_comparable
    from compared_strata
    inner join metric_rulers
        on
            compared_strata.metric = metric_rulers.metric
            and compared_strata.as_of_date = metric_rulers.as_of_date
),

stratum_variances as (
    select
        *,
        {{ segmentation.residual_variance('n', 'ratio', 'squares', 'products', 'weight_squares', 'center') }}
            as variance,
        {{ segmentation.residual_variance(
            'baseline_n', 'baseline_ratio', 'baseline_squares', 'baseline_products', 'baseline_weight_squares', 'center',
            taken_from='all_squares'
        ) }} as baseline_variance
    from stratum_ratios
),

stratum_squares as (
    select
        *,
        coalesce(variance * (n - 1e0), 0e0) + coalesce(baseline_variance * (baseline_n - 1e0), 0e0) as squares_within,
        n + baseline_n - 2e0 as degrees_of_freedom
    from stratum_variances
),

-- The spread of both sides together; of one user on either side that of all strata.
stratum_spreads as (
    select
        *,
        coalesce(squares_within / nullif(degrees_of_freedom, 0e0), sum(
            case when is_comparable then squares_within end
        ) over (partition by segment, baseline, metric, as_of_date) / nullif(sum(
            case when is_comparable then degrees_of_freedom end
        ) over (partition by segment, baseline, metric, as_of_date), 0e0)) as spread_within
    from stratum_squares
),

-- The error is the larger of the one with spreads of each side and the one with that of both together, as everywhere.
standardized as (
    select
        segment,
        baseline,
        metric,
        sum(case when is_comparable then total - weight * baseline_ratio end)
        / nullif(sum(case when is_comparable then weight end), 0) as standardized_difference,
        sqrt(greatest(
            sum(case when is_comparable then spread_within * (n + baseline_n * scale * scale) end),
            sum(case
                when is_comparable
                    then coalesce(variance, spread_within) * n
                        + coalesce(baseline_variance, spread_within) * baseline_n * scale * scale
            end)
        )) / nullif(sum(case when is_comparable then weight end), 0) as standardized_error,
        sum(case when is_comparable then n else 0e0 end) / nullif(sum(n), 0) as comparable_share,
        as_of_date
    from stratum_spreads
    group by segment, baseline, metric, as_of_date
),

final as (
    select
        residuals.segment,
        residuals.baseline,
        residuals.other_segment,
        residuals.metric,
        residuals.n,
        residuals.baseline_n,
        {%- for side in ['', 'baseline_'] %}
        {{ segmentation.mean_from_sums(
            'residuals.' ~ side ~ 'total', 'residuals.' ~ side ~ 'weight', 'residuals.center', 'residuals.size'
        ) }} as {{ side }}mean,
        {{ segmentation.mean_from_sums(
            'residuals.' ~ side ~ 'raw_total', 'residuals.' ~ side ~ 'raw_weight', 'residuals.raw_center', 'residuals.raw_size'
        ) }} as {{ side }}raw_mean,
        {%- set name = 'residuals.' ~ side %}
        sqrt({{ name }}variance) * {{ name }}n / nullif({{ name }}weight, 0)
            as {{ side }}standard_deviation,
        {%- endfor %}
        sqrt(residuals.pooled_variance) * residuals.pooled_n / nullif(residuals.pooled_weight, 0) as spread,
        case
            when residuals.kind = 'ordinal' then rank_tests.rank_difference
            else (residuals.total - residuals.pooled_ratio * residuals.weight) / nullif(residuals.n, 0)
        end as test_mean,
        case
            when residuals.kind = 'ordinal' then 0e0
            else
                (residuals.baseline_total - residuals.pooled_ratio * residuals.baseline_weight)
                / nullif(residuals.baseline_n, 0)
        end as test_baseline_mean,
        case when residuals.kind = 'ordinal' then rank_tests.rank_variance else residuals.pooled_variance end
            as test_variance,
        residuals.n as test_n,
        residuals.baseline_n as test_baseline_n,
        coalesce(rank_tests.skew, residuals.skew) as skew,
        -- Of the four cells of a table of zeros and ones, the one in which the fewest users are to be expected.
        case
            when residuals.kind = 'binary' then least(residuals.n, residuals.baseline_n)
                * least(
                    residuals.total + residuals.baseline_total,
                    residuals.pooled_n - residuals.total - residuals.baseline_total
                ) / nullif(residuals.pooled_n, 0)
        end as smallest_cell,
        rank_tests.cliffs_delta,
        standardized.standardized_difference,
        nullif(standardized.standardized_error, 0e0) as standardized_error,
        standardized.comparable_share,
        residuals.is_overlapping,
        residuals.as_of_date
    from residuals
    left join rank_tests
        on
            residuals.segment = rank_tests.segment
            and residuals.baseline = rank_tests.baseline
            and residuals.metric = rank_tests.metric
            and residuals.as_of_date = rank_tests.as_of_date
    left join standardized
        on
            residuals.segment = standardized.segment
            and residuals.baseline = standardized.baseline
            and residuals.metric = standardized.metric
            and residuals.as_of_date = standardized.as_of_date
)

select * from final
