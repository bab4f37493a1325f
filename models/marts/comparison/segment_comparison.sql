{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    on_schema_change='append_new_columns',
    post_hook=["{{ segmentation.remove_stale_comparisons() }}", "{{ segmentation.refresh_data_through() }}"]
) }}
{%- set metrics = segmentation.metrics() %}
{%- set heavy_metrics = metrics | selectattr('is_heavy_tailed') | list %}
{%- set ordinal_metrics = metrics | selectattr('kind', 'eq', 'ordinal') | list %}
{%- set pairs = segmentation.setting('comparison_pairs') %}
{#- What is summed per metric, segment and stratum; raw_ is before the cap. #}
{%- set sums = ['n', 'weight', 'total', 'squares', 'products', 'weight_squares', 'raw_total', 'raw_weight'] %}
{%- set circular = segmentation.circular_metrics(segmentation.registered_segments(), metrics) %}

-- Every metric is handled as a ratio Σx / Σw with the user as the unit; for all kinds but `ratio` every weight is 1.
-- Users are summed once per segment and stratum, as x − c·w, where c is the population's ratio: exact also where values
-- are large and differences small. All else follows from these sums; the rest is the population less the segment.
{% set rows %}
with
segments as (
    select segment from {{ ref('segments') }}
),

-- Columns of one metric: <metric>, and for a ratio <metric>__weight. Either both are NULL or none.
metric_values as (
    select
        user_id,
        coalesce(plan, 'none') as plan,
        case
            {%- for first_day in segmentation.setting('tenure_bands') | sort(reverse=true) %}
            when tenure_days >= {{ first_day }} then {{ first_day }}
            {%- else %}
            when true then 0
            {%- endfor %}
            else 0
        end as tenure_band,
        {%- for metric in metrics %}
        {%- if metric.kind == 'ratio' %}
        case when ({{ metric.denominator }}) is not null then cast({{ metric.numerator }} as double) end as {{ metric.name }},
        case when ({{ metric.numerator }}) is not null then cast({{ metric.denominator }} as double) end
            as {{ metric.name }}__weight,
        {%- else %}
        cast({{ metric.expression }} as double) as {{ metric.name }},
        {%- endif %}
        {%- endfor %}
        as_of_date
    from user_features
),

-- A cap at the smallest value would leave nothing: then there is none.
caps as (
    select
        {%- for metric in heavy_metrics %}
        {%- for column in [metric.name] + ([metric.name ~ '__weight'] if metric.kind == 'ratio' else []) %}
        nullif(
            percentile_disc({{ segmentation.setting('winsorise_at') }}) within group (order by {{ column }}),
            min({{ column }})
        ) as {{ column }}__cap,
        {%- endfor %}
        {%- endfor %}
        as_of_date
    from metric_values
    group by as_of_date
),

capped_values as (
    select
        metric_values.user_id,
        metric_values.plan,
        metric_values.tenure_band,
        {%- for metric in metrics %}
        {{ segmentation.capped_value(metric, 'metric_values') }} as {{ metric.name }},
        {%- if metric.kind == 'ratio' %}
        {{ segmentation.capped_value(metric, 'metric_values', true) }} as {{ metric.name }}__weight,
        {%- endif %}
        {%- if metric.is_heavy_tailed %}
        metric_values.{{ metric.name }} as {{ metric.name }}__raw,
        {%- if metric.kind == 'ratio' %}
        metric_values.{{ metric.name }}__weight as {{ metric.name }}__raw_weight,
        {%- endif %}
        {%- endif %}
        {%- endfor %}
        metric_values.as_of_date
    from metric_values
    inner join caps on metric_values.as_of_date = caps.as_of_date
),

-- Zeros and ones need no centre: their sums are exact as they are.
centres as (
    select
        {%- for metric in metrics if metric.kind != 'binary' %}
        {%- if metric.kind == 'ratio' %}
        coalesce(sum({{ metric.name }}) / nullif(sum({{ metric.name }}__weight), 0), 0e0) as {{ metric.name }},
        {%- else %}
        coalesce(avg({{ metric.name }}), 0e0) as {{ metric.name }},
        {%- endif %}
        {%- endfor %}
        as_of_date
    from capped_values
    group by as_of_date
),

-- Per metric its value less centre × weight, and what else the sums need.
centred as (
    select
        capped_values.user_id,
        capped_values.plan,
        capped_values.tenure_band,
        {%- for metric in metrics %}
        {{ segmentation.centred_value(
            metric, 'capped_values.' ~ metric.name, 'capped_values.' ~ metric.name ~ '__weight'
        ) }} as {{ metric.name }},
        {%- for suffix in segmentation.metric_suffixes(metric) %}
        capped_values.{{ metric.name }}{{ suffix }},
        {%- endfor %}
        {%- endfor %}
        capped_values.as_of_date
    from capped_values
    inner join centres on capped_values.as_of_date = centres.as_of_date
),

-- The population is one more group, the one without a name.
members as (
    select
        user_id,
        segment,
        as_of_date
    from user_segments
    union all
    select
        user_id,
        '' as segment,
        as_of_date
    from user_features
),

stratum_sums_wide as (
    select
        members.segment,
        centred.plan,
        centred.tenure_band,
        {%- for metric in metrics %}
        {%- for name, sql in segmentation.metric_sums(metric, 'centred').items() %}
        {{ sql }} as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        members.as_of_date
    from members
    inner join centred
        on
            members.user_id = centred.user_id
            and members.as_of_date = centred.as_of_date
    group by members.segment, centred.plan, centred.tenure_band, members.as_of_date
),

stratum_sums as (
    {%- for metric in metrics %}
    {%- set column = segmentation.metric_sum_columns(metric) %}
    select
        segment,
        '{{ metric.name }}' as metric,
        plan,
        tenure_band,
        {%- for name in sums %}
        {{ column[name] }} as {{ name }},
        {%- endfor %}
        as_of_date
    from stratum_sums_wide
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

group_sums as (
    select
        segment,
        metric,
        {%- for name in sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        as_of_date
    from stratum_sums
    group by segment, metric, as_of_date
),

-- Shape of the whole population: sums of sizes, by which a residue is told from a number, and powers for the skew.
shapes as (
    select
        {%- for metric in metrics %}
        {%- set centre = '0e0' if metric.kind == 'binary' else 'centres.' ~ metric.name %}
        {%- set weight = 'centred.' ~ metric.name ~ '__weight' if metric.kind == 'ratio' else '1e0' %}
        sum(abs(centred.{{ metric.name }} + {{ centre }} * {{ weight }})) as {{ metric.name }}__size,
        {%- if metric.is_heavy_tailed %}
        sum(abs(centred.{{ metric.name }}__raw)) as {{ metric.name }}__raw_size,
        {%- endif %}
        {%- if metric.kind in ['mean', 'nps', 'ratio'] %}
        cast(count(centred.{{ metric.name }}) as double) as {{ metric.name }}__n,
        sum(centred.{{ metric.name }}) as {{ metric.name }}__total,
        sum(centred.{{ metric.name }} * centred.{{ metric.name }}) as {{ metric.name }}__squares,
        sum(centred.{{ metric.name }} * centred.{{ metric.name }} * centred.{{ metric.name }}) as {{ metric.name }}__cubes,
        {%- endif %}
        {%- endfor %}
        centred.as_of_date
    from centred
    inner join centres on centred.as_of_date = centres.as_of_date
    group by centred.as_of_date
),

-- What is known of a metric on a date, whatever the segment.
metric_facts as (
    {%- for metric in metrics %}
    select
        '{{ metric.name }}' as metric,
        '{{ metric.kind }}' as kind,
        '{{ metric.tier }}' as tier,
        {{ '0e0' if metric.kind == 'binary' else 'centres.' ~ metric.name }} as centre,
        {{ '0e0' if metric.kind == 'binary' or metric.is_heavy_tailed else 'centres.' ~ metric.name }} as raw_centre,
        coalesce(shapes.{{ metric.name }}__size, 0e0) as size,
        coalesce(shapes.{{ metric.name }}__{{ 'raw_size' if metric.is_heavy_tailed else 'size' }}, 0e0) as raw_size,
        {%- if metric.kind in ['mean', 'nps', 'ratio'] %}
        {{ segmentation.skewness_from_sums(
            'shapes.' ~ metric.name ~ '__n', 'shapes.' ~ metric.name ~ '__total', 'shapes.' ~ metric.name ~ '__squares',
            'shapes.' ~ metric.name ~ '__cubes'
        ) }} as skew,
        {%- else %}
        cast(null as double) as skew,
        {%- endif %}
        {{ 'true' if metric.adds_up else 'false' }} as adds_up,
        {%- if metric.is_heavy_tailed %}
        caps.{{ metric.name }}__cap is not null
        {{- ' or caps.' ~ metric.name ~ '__weight__cap is not null' if metric.kind == 'ratio' }} as is_winsorised,
        {%- else %}
        false as is_winsorised,
        {%- endif %}
        shapes.as_of_date
    from shapes
    inner join centres on shapes.as_of_date = centres.as_of_date
    inner join caps on shapes.as_of_date = caps.as_of_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

population_sums as (
    select * from group_sums
    where segment = ''
),

-- One row per date, segment and metric, also where the segment is empty.
segment_sums as (
    select
        segments.segment,
        population_sums.metric,
        {%- for name in sums %}
        coalesce(group_sums.{{ name }}, 0e0) as {{ name }},
        {%- endfor %}
        population_sums.as_of_date
    from population_sums
    cross join segments
    left join group_sums
        on
            segments.segment = group_sums.segment
            and population_sums.metric = group_sums.metric
            and population_sums.as_of_date = group_sums.as_of_date
),

pairs as (
    {%- for segment, other_segment in pairs %}
    select
        '{{ segment }}' as segment,
        '{{ other_segment }}' as other_segment
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        segment,
        segment as other_segment
    from segments
    where false
    {%- endfor %}
),

pair_overlaps as (
    select
        pairs.segment,
        pairs.other_segment,
        user_segments.as_of_date
    from pairs
    inner join user_segments on pairs.segment = user_segments.segment
    inner join user_segments as other_user_segments
        on
            pairs.other_segment = other_user_segments.segment
            and user_segments.user_id = other_user_segments.user_id
            and user_segments.as_of_date = other_user_segments.as_of_date
    group by pairs.segment, pairs.other_segment, user_segments.as_of_date
),

compared_sums as (
    select
        segment_sums.segment,
        'rest' as baseline,
        cast(null as {{ dbt.type_string() }}) as other_segment,
        segment_sums.metric,
        {%- for name in sums %}
        segment_sums.{{ name }},
        {%- endfor %}
        {%- for name in sums %}
        {%- if name in ['total', 'products', 'raw_total'] %}
        population_sums.{{ name }} - segment_sums.{{ name }} as baseline_{{ name }},
        {%- else %}
        {{ segmentation.difference_of_sums(
            'population_sums.' ~ name, 'segment_sums.' ~ name, 'population_sums.' ~ name
        ) }} as baseline_{{ name }},
        {%- endif %}
        {%- endfor %}
        false as is_overlapping,
        segment_sums.as_of_date
    from segment_sums
    inner join population_sums
        on
            segment_sums.metric = population_sums.metric
            and segment_sums.as_of_date = population_sums.as_of_date
    union all
    select
        segment_sums.segment,
        'all' as baseline,
        cast(null as {{ dbt.type_string() }}) as other_segment,
        segment_sums.metric,
        {%- for name in sums %}
        segment_sums.{{ name }},
        {%- endfor %}
        {%- for name in sums %}
        population_sums.{{ name }} as baseline_{{ name }},
        {%- endfor %}
        true as is_overlapping,
        segment_sums.as_of_date
    from segment_sums
    inner join population_sums
        on
            segment_sums.metric = population_sums.metric
            and segment_sums.as_of_date = population_sums.as_of_date
    union all
    select
        pairs.segment,
        'segment:' || pairs.other_segment as baseline,
        pairs.other_segment,
        segment_sums.metric,
        {%- for name in sums %}
        segment_sums.{{ name }},
        {%- endfor %}
        {%- for name in sums %}
        other_sums.{{ name }} as baseline_{{ name }},
        {%- endfor %}
        pair_overlaps.segment is not null as is_overlapping,
        segment_sums.as_of_date
    from pairs
    inner join segment_sums on pairs.segment = segment_sums.segment
    inner join segment_sums as other_sums
        on
            pairs.other_segment = other_sums.segment
            and segment_sums.metric = other_sums.metric
            and segment_sums.as_of_date = other_sums.as_of_date
    left join pair_overlaps
        on
            pairs.segment = pair_overlaps.segment
            and pairs.other_segment = pair_overlaps.other_segment
            and segment_sums.as_of_date = pair_overlaps.as_of_date
),

-- Ratios of what is summed: of each side, and of both together.
ratios as (
    select
        compared_sums.*,
        metric_facts.kind,
        metric_facts.centre,
        metric_facts.raw_centre,
        metric_facts.size,
        metric_facts.raw_size,
        metric_facts.skew,
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
    inner join metric_facts
        on
            compared_sums.metric = metric_facts.metric
            and compared_sums.as_of_date = metric_facts.as_of_date
),

residuals as (
    select
        *,
        {{ segmentation.residual_variance('n', 'ratio', 'squares', 'products', 'weight_squares', 'centre') }} as variance,
        {{ segmentation.residual_variance(
            'baseline_n', 'baseline_ratio', 'baseline_squares', 'baseline_products', 'baseline_weight_squares', 'centre'
        ) }} as baseline_variance,
        {{ segmentation.residual_variance(
            'pooled_n', 'pooled_ratio', 'pooled_squares', 'pooled_products', 'pooled_weight_squares', 'centre'
        ) }} as pooled_variance
    from ratios
),

{% if ordinal_metrics -%}
ordinal_counts as (
    {%- for metric in ordinal_metrics %}
    select
        members.segment,
        '{{ metric.name }}' as metric,
        capped_values.{{ metric.name }} as metric_value,
        cast(count(*) as double) as users,
        members.as_of_date
    from members
    inner join capped_values
        on
            members.user_id = capped_values.user_id
            and members.as_of_date = capped_values.as_of_date
    where capped_values.{{ metric.name }} is not null
    group by members.segment, capped_values.{{ metric.name }}, members.as_of_date
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

population_counts as (
    select * from ordinal_counts
    where segment = ''
),

segment_counts as (
    select
        segments.segment,
        population_counts.metric,
        population_counts.metric_value,
        coalesce(ordinal_counts.users, 0e0) as users,
        population_counts.users as population_users,
        population_counts.as_of_date
    from population_counts
    cross join segments
    left join ordinal_counts
        on
            segments.segment = ordinal_counts.segment
            and population_counts.metric = ordinal_counts.metric
            and population_counts.metric_value = ordinal_counts.metric_value
            and population_counts.as_of_date = ordinal_counts.as_of_date
),

-- One row per comparison and value, with the users of both sides who have it.
compared_counts as (
    select
        segment,
        'rest' as baseline,
        metric,
        metric_value,
        users,
        population_users - users as baseline_users,
        as_of_date
    from segment_counts
    union all
    select
        segment,
        'all' as baseline,
        metric,
        metric_value,
        users,
        population_users as baseline_users,
        as_of_date
    from segment_counts
    union all
    select
        pairs.segment,
        'segment:' || pairs.other_segment as baseline,
        segment_counts.metric,
        segment_counts.metric_value,
        segment_counts.users,
        other_counts.users as baseline_users,
        segment_counts.as_of_date
    from pairs
    inner join segment_counts on pairs.segment = segment_counts.segment
    inner join segment_counts as other_counts
        on
            pairs.other_segment = other_counts.segment
            and segment_counts.metric = other_counts.metric
            and segment_counts.metric_value = other_counts.metric_value
            and segment_counts.as_of_date = other_counts.as_of_date
),

ranked_counts as (
    select
        *,
        sum(baseline_users) over (
            partition by segment, baseline, metric, as_of_date
            order by metric_value
            rows between unbounded preceding and current row
        ) as baseline_not_above
    from compared_counts
),

-- Of all pairs of a member and one of the baseline: how many more has the member above than below. With it go the mean
-- mid-ranks of the two sides, and the variance of the mid-ranks, ties counted in.
rank_tests as (
    select
        segment,
        baseline,
        metric,
        sum(users * (2e0 * baseline_not_above - baseline_users)) / nullif(sum(users) * sum(baseline_users), 0) - 1e0
            as cliffs_delta,
        sum(users + baseline_users) / 2e0
        * (sum(users * (2e0 * baseline_not_above - baseline_users)) / nullif(sum(users) * sum(baseline_users), 0) - 1e0)
            as rank_difference,
        (
            power(sum(users + baseline_users), 3)
            - sum((users + baseline_users) * (users + baseline_users) * (users + baseline_users))
        ) / nullif(12e0 * (sum(users + baseline_users) - 1e0), 0) as rank_variance,
        as_of_date
    from ranked_counts
    group by segment, baseline, metric, as_of_date
),

population_ranks as (
    select
        metric,
        users,
        sum(users) over (
            partition by metric, as_of_date
            order by metric_value
            rows between unbounded preceding and current row
        )
        - users / 2e0
        - sum(users) over (partition by metric, as_of_date) / 2e0 as centred_rank,
        as_of_date
    from population_counts
),

rank_shapes as (
    select
        metric,
        {{ segmentation.skewness_from_sums(
            'sum(users)', '0e0', 'sum(users * centred_rank * centred_rank)',
            'sum(users * centred_rank * centred_rank * centred_rank)'
        ) }} as skew,
        as_of_date
    from population_ranks
    group by metric, as_of_date
),
{%- else -%}
rank_tests as (
    select
        segment,
        baseline,
        metric,
        ratio as cliffs_delta,
        ratio as rank_difference,
        ratio as rank_variance,
        as_of_date
    from residuals
    where false
),

rank_shapes as (
    select
        metric,
        ratio as skew,
        as_of_date
    from residuals
    where false
),
{%- endif %}

-- The difference within strata, weighted by the segment: what is left where plan and tenure are alike.
compared_strata as (
    select
        stratum_sums.segment,
        'rest' as baseline,
        stratum_sums.metric,
        stratum_sums.n,
        stratum_sums.weight,
        stratum_sums.total,
        {{ segmentation.difference_of_sums('population.n', 'stratum_sums.n', 'population.n') }} as baseline_n,
        {{ segmentation.difference_of_sums('population.weight', 'stratum_sums.weight', 'population.weight') }}
            as baseline_weight,
        population.total - stratum_sums.total as baseline_total,
        stratum_sums.as_of_date
    from stratum_sums
    inner join stratum_sums as population
        on
            population.segment = ''
            and stratum_sums.metric = population.metric
            and stratum_sums.plan = population.plan
            and stratum_sums.tenure_band = population.tenure_band
            and stratum_sums.as_of_date = population.as_of_date
    where stratum_sums.segment != ''
    union all
    select
        pairs.segment,
        'segment:' || pairs.other_segment as baseline,
        stratum_sums.metric,
        stratum_sums.n,
        stratum_sums.weight,
        stratum_sums.total,
        coalesce(other_sums.n, 0e0) as baseline_n,
        coalesce(other_sums.weight, 0e0) as baseline_weight,
        coalesce(other_sums.total, 0e0) as baseline_total,
        stratum_sums.as_of_date
    from pairs
    inner join stratum_sums on pairs.segment = stratum_sums.segment
    left join stratum_sums as other_sums
        on
            pairs.other_segment = other_sums.segment
            and stratum_sums.metric = other_sums.metric
            and stratum_sums.plan = other_sums.plan
            and stratum_sums.tenure_band = other_sums.tenure_band
            and stratum_sums.as_of_date = other_sums.as_of_date
),

standardised as (
    select
        segment,
        baseline,
        metric,
        sum(case when weight > 0 and baseline_weight > 0 then total - weight * baseline_total / baseline_weight end)
        / nullif(sum(case when weight > 0 and baseline_weight > 0 then weight end), 0) as standardised_difference,
        sum(case when weight > 0 and baseline_weight > 0 then n else 0e0 end) / nullif(sum(n), 0) as comparable_share,
        as_of_date
    from compared_strata
    group by segment, baseline, metric, as_of_date
),

group_moments as (
    select
        residuals.segment,
        residuals.baseline,
        residuals.other_segment,
        residuals.metric,
        residuals.n,
        residuals.baseline_n,
        {{ segmentation.mean_from_sums('residuals.total', 'residuals.weight', 'residuals.centre', 'residuals.size') }}
            as mean,
        {{ segmentation.mean_from_sums(
            'residuals.baseline_total', 'residuals.baseline_weight', 'residuals.centre', 'residuals.size'
        ) }} as baseline_mean,
        {{ segmentation.mean_from_sums(
            'residuals.raw_total', 'residuals.raw_weight', 'residuals.raw_centre', 'residuals.raw_size'
        ) }} as raw_mean,
        {{ segmentation.mean_from_sums(
            'residuals.baseline_raw_total', 'residuals.baseline_raw_weight', 'residuals.raw_centre', 'residuals.raw_size'
        ) }} as baseline_raw_mean,
        sqrt(residuals.variance) * residuals.n / nullif(residuals.weight, 0) as standard_deviation,
        sqrt(residuals.baseline_variance) * residuals.baseline_n / nullif(residuals.baseline_weight, 0)
            as baseline_standard_deviation,
        cast(null as double) as exact_difference,
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
        coalesce(rank_shapes.skew, residuals.skew) as skew,
        -- Of the four cells of a table of zeros and ones, the one in which the fewest users are to be expected.
        least(residuals.n, residuals.baseline_n)
        * least(
            residuals.total + residuals.baseline_total, residuals.pooled_n - residuals.total - residuals.baseline_total
        ) / nullif(residuals.pooled_n, 0) as smallest_cell,
        rank_tests.cliffs_delta,
        standardised.standardised_difference,
        standardised.comparable_share,
        cast(null as double) as composition_effect,
        residuals.is_overlapping,
        residuals.as_of_date
    from residuals
    left join rank_tests
        on
            residuals.segment = rank_tests.segment
            and residuals.baseline = rank_tests.baseline
            and residuals.metric = rank_tests.metric
            and residuals.as_of_date = rank_tests.as_of_date
    left join rank_shapes
        on
            residuals.metric = rank_shapes.metric
            and residuals.as_of_date = rank_shapes.as_of_date
    left join standardised
        on
            residuals.segment = standardised.segment
            and residuals.baseline = standardised.baseline
            and residuals.metric = standardised.metric
            and residuals.as_of_date = standardised.as_of_date
),

-- Users who are there on the date and on the one before it, with both values of a metric under the cap and centre of
-- the date: what changes is the user, not the ruler.
paired_values as (
    select
        metric_values.user_id,
        {%- for metric in metrics %}
        {%- for side, other in [('metric_values', 'previous_values'), ('previous_values', 'metric_values')] %}
        {%- set before = '__before' if side == 'previous_values' else '' %}
        case
            when {{ other }}.{{ metric.name }} is not null
                then {{ segmentation.centred_value(
                    metric, segmentation.capped_value(metric, side), segmentation.capped_value(metric, side, true)
                ) }}
        end as {{ metric.name }}{{ before }},
        {%- if metric.kind == 'ratio' %}
        case
            when {{ other }}.{{ metric.name }} is not null then {{ segmentation.capped_value(metric, side, true) }}
        end as {{ metric.name }}__weight{{ before }},
        {%- endif %}
        {%- if metric.is_heavy_tailed %}
        case when {{ other }}.{{ metric.name }} is not null then {{ side }}.{{ metric.name }} end
            as {{ metric.name }}__raw{{ before }},
        {%- if metric.kind == 'ratio' %}
        case when {{ other }}.{{ metric.name }} is not null then {{ side }}.{{ metric.name }}__weight end
            as {{ metric.name }}__raw_weight{{ before }},
        {%- endif %}
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
        metric_values.as_of_date
    from metric_values
    inner join dates on metric_values.as_of_date = dates.as_of_date
    inner join metric_values as previous_values
        on
            metric_values.user_id = previous_values.user_id
            and dates.previous_as_of_date = previous_values.as_of_date
    inner join caps on metric_values.as_of_date = caps.as_of_date
    inner join centres on metric_values.as_of_date = centres.as_of_date
),

change_sums_wide as (
    select
        user_segments.segment,
        {%- for metric in metrics %}
        {%- for name, sql in segmentation.change_sums(metric, 'paired_values').items() %}
        {{ sql }} as {{ metric.name }}__{{ name }},
        {%- endfor %}
        {%- endfor %}
        user_segments.as_of_date
    from user_segments
    inner join paired_values
        on
            user_segments.user_id = paired_values.user_id
            and user_segments.as_of_date = paired_values.as_of_date
    group by user_segments.segment, user_segments.as_of_date
),

change_sums as (
    {%- for metric in metrics %}
    select
        segment,
        '{{ metric.name }}' as metric,
        {%- for name, column in segmentation.change_sum_columns(metric).items() %}
        {{ column }} as {{ name }},
        {%- endfor %}
        as_of_date
    from change_sums_wide
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- One row per date with a date before it, segment and metric.
change_ratios as (
    select
        segment_sums.segment,
        segment_sums.metric,
        metric_facts.kind,
        metric_facts.centre,
        metric_facts.raw_centre,
        metric_facts.size,
        metric_facts.raw_size,
        coalesce(change_sums.n, 0e0) as n,
        {%- for name in segmentation.change_sum_columns(metrics[0]) if name != 'n' %}
        change_sums.{{ name }},
        {%- endfor %}
        change_sums.total / nullif(change_sums.weight, 0) as ratio,
        change_sums.before_total / nullif(change_sums.before_weight, 0) as before_ratio,
        case
            when metric_facts.kind = 'ratio' then
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
        -change_sums.n * change_sums.change_weight / nullif(change_sums.weight * change_sums.before_weight, 0) as scale_change,
        dates.previous_as_of_date,
        segment_sums.as_of_date
    from segment_sums
    inner join dates
        on
            segment_sums.as_of_date = dates.as_of_date
            and dates.previous_as_of_date is not null
    inner join metric_facts
        on
            segment_sums.metric = metric_facts.metric
            and segment_sums.as_of_date = metric_facts.as_of_date
    left join change_sums
        on
            segment_sums.segment = change_sums.segment
            and segment_sums.metric = change_sums.metric
            and segment_sums.as_of_date = change_sums.as_of_date
),

exact_changes as (
    select
        *,
        case when abs(net_change) <= 1e-12 * gross_change then 0e0 else net_change end / nullif(weight, 0) as ratio_change
    from change_ratios
),

change_variances as (
    select
        *,
        scale * scale
        * {{ segmentation.residual_variance('n', 'ratio', 'squares', 'products', 'weight_squares', 'centre') }} as variance,
        before_scale * before_scale * {{ segmentation.residual_variance(
            'n', 'before_ratio', 'before_squares', 'before_products', 'before_weight_squares', 'centre'
        ) }} as before_variance,
        -- Of a user's linearised change of a ratio, written as sum of small terms: of the change of value and weight, and
        -- of the earlier weight and value, which count as far as the group's ratio and mean weight have changed.
        scale as change_factor,
        -scale * ratio as change_weight_factor,
        -scale * ratio_change - scale_change * before_ratio as weight_factor,
        scale_change as before_factor
    from exact_changes
),

segment_means as (
    select
        segment_sums.segment,
        segment_sums.metric,
        {{ segmentation.mean_from_sums(
            'segment_sums.total', 'segment_sums.weight', 'metric_facts.centre', 'metric_facts.size'
        ) }} as mean,
        segment_sums.as_of_date
    from segment_sums
    inner join metric_facts
        on
            segment_sums.metric = metric_facts.metric
            and segment_sums.as_of_date = metric_facts.as_of_date
),

changes as (
    select
        *,
        {{ segmentation.mean_from_sums('total', 'weight', 'centre', 'size') }} as mean,
        {{ segmentation.mean_from_sums('before_total', 'before_weight', 'centre', 'size') }} as before_mean,
        change_factor * change_factor * change_squares
        + change_weight_factor * change_weight_factor * change_weight_squares
        + weight_factor * weight_factor * before_weight_squares
        + before_factor * before_factor * before_squares as change_terms,
        2e0 * (
            change_factor * change_weight_factor * change_products
            + change_factor * weight_factor * change_by_weight
            + change_factor * before_factor * change_by_before
            + change_weight_factor * weight_factor * change_weight_by_weight
            + change_weight_factor * before_factor * change_weight_by_before
            + weight_factor * before_factor * before_products
        ) as change_mixed_terms
    from change_variances
),

mean_changes as (
    select
        *,
        case
            when kind != 'ratio' then {{ segmentation.residual_variance(
                'n', 'ratio_change', 'change_squares', 'change_total', 'n', '0e0'
            ) }}
            -- What is left below rounding is no spread.
            when change_terms + change_mixed_terms > 1e-12 * change_terms
                then (change_terms + change_mixed_terms) / nullif(n - 1e0, 0)
            when change_terms >= 0 then 0e0
        end as change_variance
    from changes
),

change_moments as (
    select
        changes.segment,
        'previous_period' as baseline,
        cast(null as {{ dbt.type_string() }}) as other_segment,
        changes.metric,
        changes.n,
        changes.n as baseline_n,
        changes.mean,
        changes.before_mean as baseline_mean,
        {{ segmentation.mean_from_sums(
            'changes.raw_total', 'changes.raw_weight', 'changes.raw_centre', 'changes.raw_size'
        ) }} as raw_mean,
        {{ segmentation.mean_from_sums(
            'changes.before_raw_total', 'changes.before_raw_weight', 'changes.raw_centre', 'changes.raw_size'
        ) }} as baseline_raw_mean,
        sqrt(changes.variance) as standard_deviation,
        sqrt(changes.before_variance) as baseline_standard_deviation,
        changes.ratio_change as exact_difference,
        sqrt(changes.change_variance) as spread,
        -- Of ordered values only the direction counts.
        case when changes.kind = 'ordinal' then changes.signs / nullif(changes.n, 0) else changes.ratio_change end
            as test_mean,
        0e0 as test_baseline_mean,
        -- Without a change each difference is as likely to be the same with the other sign: then their variance is their
        -- mean square.
        case
            when changes.kind = 'ordinal' then changes.moves / nullif(changes.n, 0)
            else
                (changes.n - 1e0) / nullif(changes.n, 0) * changes.change_variance
                + changes.ratio_change * changes.ratio_change
        end as test_variance,
        -- One sample of n has the error of two of 2 n.
        2e0 * changes.n as test_n,
        2e0 * changes.n as test_baseline_n,
        {{ segmentation.skewness_from_sums(
            'changes.n', 'changes.change_total', 'changes.change_squares', 'changes.change_cubes'
        ) }} as skew,
        -- Of those whose 0 or 1 changed, half are expected to change in either direction.
        changes.change_squares / 2e0 as smallest_cell,
        case when changes.kind = 'ordinal' then changes.signs / nullif(changes.n, 0) end as cliffs_delta,
        cast(null as double) as standardised_difference,
        cast(null as double) as comparable_share,
        case
            when
                abs(segment_means.mean - previous_means.mean - changes.ratio_change)
                <= 1e-12 * (abs(segment_means.mean) + abs(previous_means.mean)) then 0e0
            else segment_means.mean - previous_means.mean - changes.ratio_change
        end as composition_effect,
        false as is_overlapping,
        changes.as_of_date
    from mean_changes as changes
    left join segment_means
        on
            changes.segment = segment_means.segment
            and changes.metric = segment_means.metric
            and changes.as_of_date = segment_means.as_of_date
    left join segment_means as previous_means
        on
            changes.segment = previous_means.segment
            and changes.metric = previous_means.metric
            and changes.previous_as_of_date = previous_means.as_of_date
),

both_moments as (
    select * from group_moments
    union all
    select * from change_moments
),

-- Equal means may differ in the last digits.
moments as (
    select
        *,
        case
            when exact_difference is not null then exact_difference
            when abs(mean - baseline_mean) <= 1e-12 * abs(baseline_mean) then 0e0
            else mean - baseline_mean
        end as difference
    from both_moments
),

compared as (
    select
        moments.*,
        metric_facts.kind,
        metric_facts.tier,
        cast(moments.n as bigint) as users,
        cast(moments.baseline_n as bigint) as baseline_users,
        segment_sums.n / nullif(population_sums.n, 0) as share_of_users,
        case
            when metric_facts.adds_up then coalesce(segment_sums.n * {{ segmentation.mean_from_sums(
                'segment_sums.raw_total', 'segment_sums.n', 'metric_facts.raw_centre', 'metric_facts.raw_size'
            ) }}, 0e0)
        end as part_of_total,
        case
            when metric_facts.adds_up then population_sums.n * {{ segmentation.mean_from_sums(
                'population_sums.raw_total', 'population_sums.n', 'metric_facts.raw_centre', 'metric_facts.raw_size'
            ) }}
        end as population_total,
        metric_facts.raw_size as population_size,
        -- A ratio to nothing, or to less than nothing, says nothing; nor does that of two scores without a natural zero.
        case
            when moments.baseline_mean > 0 and metric_facts.kind not in ('nps', 'ordinal')
                then moments.difference / moments.baseline_mean
        end as lift,
        moments.mean * moments.n as total,
        moments.baseline_mean * moments.baseline_n as baseline_total,
        -- Squared relative error of the ratio of two means: of both; or, of the same users on two dates, of the change and of
        -- what the earlier value adds where the change is not in proportion to it.
        case
            when moments.baseline != 'previous_period' then
                moments.standard_deviation * moments.standard_deviation
                / nullif(moments.n * moments.mean * moments.mean, 0)
                + moments.baseline_standard_deviation * moments.baseline_standard_deviation
                / nullif(moments.baseline_n * moments.baseline_mean * moments.baseline_mean, 0)
            else
                (
                    moments.spread * moments.spread
                    - moments.difference / nullif(moments.baseline_mean, 0) * (
                        moments.standard_deviation * moments.standard_deviation
                        - moments.baseline_standard_deviation * moments.baseline_standard_deviation
                        - moments.spread * moments.spread
                    )
                    + moments.difference * moments.difference / nullif(moments.baseline_mean * moments.baseline_mean, 0)
                    * moments.baseline_standard_deviation * moments.baseline_standard_deviation
                ) / nullif(moments.n * moments.mean * moments.mean, 0)
        end as relative_variance,
        -- The zero that a change within users is compared with is known exactly: no spread, as if of endless users.
        case when moments.baseline = 'previous_period' then moments.spread else moments.standard_deviation end
            as margin_deviation,
        case when moments.baseline = 'previous_period' then 0e0 else moments.baseline_standard_deviation end
            as margin_baseline_deviation,
        case when moments.baseline = 'previous_period' then 1e15 else moments.baseline_n end as margin_baseline_n,
        {{ segmentation.randomisation_z(
            'moments.test_mean', 'moments.test_n', 'moments.test_baseline_mean', 'moments.test_baseline_n',
            'moments.test_variance'
        ) }} as statistic,
        metric_facts.is_winsorised,
        {{ segmentation.is_circular('moments.segment', 'moments.metric', circular) }}
        {%- if pairs %} or coalesce({{ segmentation.is_circular('moments.other_segment', 'moments.metric', circular) }}, false)
        {%- endif %} as is_circular
    from moments
    inner join dates on moments.as_of_date = dates.as_of_date
    inner join metric_facts
        on
            moments.metric = metric_facts.metric
            and moments.as_of_date = metric_facts.as_of_date
    inner join segment_sums
        on
            moments.segment = segment_sums.segment
            and moments.metric = segment_sums.metric
            and moments.as_of_date = segment_sums.as_of_date
    inner join population_sums
        on
            moments.metric = population_sums.metric
            and moments.as_of_date = population_sums.as_of_date
),

judged as (
    select
        *,
        {{ segmentation.comparison_quality(
            'n', 'baseline_n', smallest_count="case when kind = 'binary' then smallest_cell end",
            mean_skew="case when kind != 'binary' then skew * skew / nullif(least(n, baseline_n), 0) end"
        ) }} as quality,
        {{ segmentation.mean_difference_margin(
            'margin_deviation', 'n', 'margin_baseline_deviation', 'margin_baseline_n'
        ) }} as margin,
        case
            when
                test_variance > 0
                and relative_variance > 1e-12 * spread * spread / nullif(n * mean * mean, 0)
                then mean * sqrt(relative_variance)
        end as lift_error,
        {{ segmentation.normal_two_sided_p('statistic') }} as tail_probability
    from compared
),

-- Users on both sides, or too few of them: numbers to look at, and no test.
tested as (
    select
        *,
        not is_overlapping and quality != 'insufficient' and difference is not null as is_tested,
        case when not is_overlapping and quality != 'insufficient' and difference is not null then tail_probability end
            as p_value
    from judged
),

corrected as (
    {{ segmentation.corrected_families(
        'tested', "baseline || '/' || tier || '/' || cast(as_of_date as " ~ dbt.type_string() ~ ")", 'not is_circular',
        family_wise_when="tier = 'guardrail'"
    ) }}
),

final as (
    select
        segment,
        baseline,
        metric,
        case kind when 'binary' then 'cohens_h' when 'ordinal' then 'cliffs_delta' else 'hedges_g' end as effect_size_kind,
        quality,
        family,
        users as n,
        baseline_users as baseline_n,
        share_of_users,
        {{ segmentation.share_of('part_of_total', 'population_total', 'population_size') }} as share_of_total,
        mean,
        raw_mean,
        standard_deviation,
        baseline_mean,
        baseline_raw_mean,
        baseline_standard_deviation,
        difference,
        case
            when is_overlapping then cast(null as double)
            when kind = 'binary' and baseline != 'previous_period'
                then {{ segmentation.newcombe_bound('total', 'n', 'baseline_total', 'baseline_n', 'lower') }}
            else difference - margin
        end as difference_lower,
        case
            when is_overlapping then cast(null as double)
            when kind = 'binary' and baseline != 'previous_period'
                then {{ segmentation.newcombe_bound('total', 'n', 'baseline_total', 'baseline_n', 'upper') }}
            else difference + margin
        end as difference_upper,
        lift,
        case
            when lift is not null and not is_overlapping
                then {{ segmentation.log_lift_bound('mean', 'lift_error', 'baseline_mean', '0e0', 'lower') }}
        end as lift_lower,
        case
            when lift is not null and not is_overlapping
                then {{ segmentation.log_lift_bound('mean', 'lift_error', 'baseline_mean', '0e0', 'upper') }}
        end as lift_upper,
        case when is_tested then statistic end as statistic,
        p_value,
        q_value,
        case kind
            when 'binary' then {{ segmentation.cohens_h('mean', 'baseline_mean') }}
            when 'ordinal' then cliffs_delta
            else {{ segmentation.hedges_g(
                'mean', 'standard_deviation', 'n', 'baseline_mean', 'baseline_standard_deviation', 'baseline_n'
            ) }}
        end as effect_size,
        case
            when is_tested then {{ segmentation.smallest_detectable_difference('spread', 'test_n', 'test_baseline_n') }}
        end as smallest_detectable_difference,
        standardised_difference,
        comparable_share,
        composition_effect,
        is_winsorised,
        is_overlapping,
        is_circular,
        coalesce(
            difference * standardised_difference < 0
            and abs(difference) > 1e-9 * spread
            and abs(standardised_difference) > 1e-9 * spread,
            false
        ) as is_reversed,
        as_of_date
    from corrected
)

select * from final
{% endset %}

{{ segmentation.comparison_of_due_dates(rows) }}
