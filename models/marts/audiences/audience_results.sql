{%- set window_days = segmentation.setting('experiment_window_days') %}
{%- set metrics = {} %}
{%- for audience in segmentation.audiences() %}
{%- do metrics.update({audience.name: segmentation.audience_metric(audience)}) %}
{%- endfor %}
{%- set otherwise = segmentation.audience_metric({'name': '', 'segment': '', 'metric': none}) -%}

-- A delivery is an experiment of two variants, of people drawn by hash among those who may be sent. Its day is the one
-- after the data that it was made from: what was done before is the past of both groups alike.
with
audiences as (
    select * from {{ ref('audiences') }}
),

exposures as (
    select * from {{ ref('audience_exposures') }}
),

further_deliveries as (
    select * from {{ segmentation.past_deliveries() }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

as_of_dates as (
    select as_of_date from {{ ref('as_of_dates') }}
),

user_dates as (
    select
        user_id,
        as_of_date
    from {{ ref('user_dates') }}
),

user_lifecycle_segments as (
    select
        user_id,
        segment,
        as_of_date
    from {{ ref('user_lifecycle_segments') }}
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

-- Whoever was forgotten is not among the users, and leaves both groups.
users as (
    select * from {{ ref('stg_users') }}
),

all_exposures as (
    select
        user_id,
        audience,
        segment,
        is_held_out,
        delivered_through
    from exposures
    union all
    select
        {{ segmentation.trimmed_text('further_deliveries.user_id') }} as user_id,
        {{ segmentation.trimmed_text('further_deliveries.audience') }} as audience,
        audiences.segment,
        {{ segmentation.to_boolean('further_deliveries.is_held_out') }} as is_held_out,
        {{ segmentation.to_day('further_deliveries.delivered_through') }} as delivered_through
    from further_deliveries
    left join audiences on {{ segmentation.trimmed_text('further_deliveries.audience') }} = audiences.audience
),

-- The first one counts, whatever came after: otherwise who was sent later would choose the group.
numbered_exposures as (
    select
        all_exposures.*,
        row_number() over (
            partition by all_exposures.audience, all_exposures.user_id
            order by all_exposures.delivered_through, all_exposures.is_held_out
        ) as place,
        {{ segmentation.closed_through('data_through') }} as closed_date,
        data_through.data_through
    from all_exposures
    inner join users on all_exposures.user_id = users.user_id
    cross join data_through
    where
        all_exposures.is_held_out is not null
        and all_exposures.delivered_through <= data_through.data_through
),

first_exposures as (
    select
        audience as experiment,
        user_id,
        segment,
        case when is_held_out then 'held_out' else 'sent' end as variant,
        false as has_several_variants,
        {{ segmentation.days_before('delivered_through', -1) }} as assigned_date,
        {{ segmentation.days_before('delivered_through', -1 - window_days) }} as window_end_date,
        {{ segmentation.days_before('delivered_through', -1 - window_days) }} as last_known_date,
        closed_date,
        delivered_through,
        data_through,
        cast({{ segmentation.days_before('delivered_through', -1) }} as timestamp) as assigned_at
    from numbered_exposures
    where place = 1
),

{{ segmentation.exposure_outcomes(window_days) }},

{{ segmentation.audience_outcomes(metrics, otherwise) }},

delivery_days as (
    select
        experiment as audience,
        max(segment) as segment,
        min(delivered_through) as first_delivered_through,
        max(delivered_through) as last_delivered_through
    from first_exposures
    group by experiment
),

-- Also an audience that was never delivered, and one that has ended.
all_audiences as (
    select audience from audiences
    union distinct
    select audience from delivery_days
),

moments as (
    select
        all_audiences.audience,
        coalesce(audiences.segment, delivery_days.segment) as segment,
        audiences.surface,
        audiences.destination,
        case all_audiences.audience
            when '' then cast(null as {{ dbt.type_string() }})
            {%- for audience, metric in metrics.items() %}
            when '{{ audience }}' then {{ segmentation.text_literal(metric.name) }}
            {%- endfor %}
            else {{ segmentation.text_literal(otherwise.name) }}
        end as metric,
        case all_audiences.audience
            when '' then cast(null as {{ dbt.type_string() }})
            {%- for audience, metric in metrics.items() %}
            when '{{ audience }}' then '{{ metric.kind }}'
            {%- endfor %}
            else '{{ otherwise.kind }}'
        end as metric_kind,
        {%- for column in [
            'sent_users', 'held_out_users', 'unobserved_users', 'n', 'baseline_n', 'ones', 'baseline_ones',
        ] %}
        coalesce(counts.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        counts.total / nullif(counts.weight, 0e0) as mean,
        counts.baseline_total / nullif(counts.baseline_weight, 0e0) as baseline_mean,
        (counts.total + counts.baseline_total) / nullif(counts.weight + counts.baseline_weight, 0e0) as pooled_mean,
        cast(counts.n + counts.baseline_n as double) as pooled_n,
        {%- for column in ['weight', 'squares', 'products', 'weight_squares'] %}
        counts.{{ column }},
        counts.baseline_{{ column }},
        counts.{{ column }} + counts.baseline_{{ column }} as pooled_{{ column }},
        {%- endfor %}
        delivery_days.first_delivered_through,
        delivery_days.last_delivered_through
    from all_audiences
    left join audiences on all_audiences.audience = audiences.audience
    left join delivery_days on all_audiences.audience = delivery_days.audience
    left join audience_counts as counts on all_audiences.audience = counts.audience
),

-- How far users are from the mean of their side, in its unit: of a ratio, the numerator less what the divisor makes of
-- the mean. Nothing but rounding is no spread.
residuals as (
    select
        *,
        {%- for prefix in ['', 'baseline_', 'pooled_'] %}
        {%- set mean = prefix ~ 'mean' %}
        {{ prefix }}squares - 2e0 * {{ mean }} * {{ prefix }}products
        + {{ mean }} * {{ mean }} * {{ prefix }}weight_squares as {{ prefix }}residual_squares,
        {%- endfor %}
        metric_kind = 'binary' as is_share
    from moments
),

variances as (
    select
        {%- for prefix in ['', 'baseline_', 'pooled_'] %}
        case
            when {{ prefix }}residual_squares <= 1e-12 * {{ prefix }}squares and {{ prefix }}n > 1 then 0e0
            else
                {{ prefix }}residual_squares / power({{ prefix }}weight / nullif({{ prefix }}n, 0), 2)
                / nullif({{ prefix }}n - 1e0, 0e0)
        end as {{ prefix }}variance,
        {%- endfor %}
        *
    from residuals
),

spreads as (
    select
        *,
        sqrt(variance) as standard_deviation,
        sqrt(baseline_variance) as baseline_standard_deviation,
        sqrt(case when is_share then mean * (1e0 - mean) else variance end / nullif(n, 0)) as standard_error,
        sqrt(
            case when is_share then baseline_mean * (1e0 - baseline_mean) else baseline_variance end
            / nullif(baseline_n, 0)
        ) as baseline_standard_error,
        {{ segmentation.comparison_quality(
            'n', 'baseline_n', insufficient='(not is_share and not variance + baseline_variance > 0)',
            smallest_count='case when is_share then least(n, baseline_n) * least(pooled_mean, 1e0 - pooled_mean) end'
        ) }} as quality
    from variances
),

tests as (
    select
        *,
        {{ segmentation.randomization_z('mean', 'n', 'baseline_mean', 'baseline_n', 'pooled_variance') }} as z,
        {{ segmentation.mean_difference_margin(
            'standard_deviation', 'n', 'baseline_standard_deviation', 'baseline_n'
        ) }} as margin
    from spreads
),

p_values as (
    select
        *,
        case when quality != 'insufficient' then {{ segmentation.normal_two_sided_p('z') }} end as p_value
    from tests
),

corrected as (
    {{ segmentation.corrected_families('p_values', "'audiences'") }}
),

audience_results as (
    select
        corrected.audience,
        corrected.segment,
        corrected.surface,
        corrected.destination,
        corrected.metric,
        corrected.metric_kind,
        case
            when corrected.sent_users + corrected.held_out_users = 0 then 'not_delivered'
            when corrected.held_out_users = 0 then 'no_holdout'
            when corrected.sent_users = 0 then 'nobody_sent'
            when corrected.quality = 'insufficient' and corrected.unobserved_users > 0 then 'window_open'
            when corrected.quality = 'insufficient' and least(corrected.n, corrected.baseline_n) > 1 then 'no_spread'
            when corrected.quality = 'insufficient' then 'too_few_users'
        end as no_effect_reason,
        corrected.quality,
        corrected.family,
        case when corrected.is_share then 'cohens_h' else 'hedges_g' end as effect_size_kind,
        corrected.sent_users,
        corrected.held_out_users,
        corrected.unobserved_users,
        corrected.n,
        corrected.baseline_n,
        case when corrected.is_share then corrected.ones end as successes,
        case when corrected.is_share then corrected.baseline_ones end as baseline_successes,
        cast({{ window_days }} as bigint) as window_days,
        corrected.mean,
        corrected.baseline_mean,
        case when corrected.quality != 'insufficient' then corrected.mean - corrected.baseline_mean end as difference,
        {%- for side in ['lower', 'upper'] %}
        case
            when corrected.quality != 'insufficient' and corrected.is_share
                then
                    {{ segmentation.newcombe_bound(
                        'corrected.ones', 'corrected.n', 'corrected.baseline_ones', 'corrected.baseline_n', side
                    ) }}
            when corrected.quality != 'insufficient'
                then corrected.mean - corrected.baseline_mean {{ '-' if side == 'lower' else '+' }} corrected.margin
        end as difference_{{ side }},
        {%- endfor %}
        case
            when corrected.quality != 'insufficient' and corrected.baseline_mean > 0
                then (corrected.mean - corrected.baseline_mean) / corrected.baseline_mean
        end as lift,
        {%- for side in ['lower', 'upper'] %}
        case
            when
                corrected.quality != 'insufficient'
                and corrected.standard_error + corrected.baseline_standard_error > 0
                then
                    {{ segmentation.log_lift_bound(
                        'corrected.mean', 'corrected.standard_error', 'corrected.baseline_mean',
                        'corrected.baseline_standard_error', side
                    ) }}
        end as lift_{{ side }},
        {%- endfor %}
        corrected.p_value,
        corrected.q_value,
        case
            when corrected.quality != 'insufficient' and corrected.is_share
                then {{ segmentation.cohens_h('corrected.mean', 'corrected.baseline_mean') }}
            when corrected.quality != 'insufficient'
                then
                    {{ segmentation.hedges_g(
                        'corrected.mean', 'corrected.standard_deviation', 'corrected.n',
                        'corrected.baseline_mean', 'corrected.baseline_standard_deviation', 'corrected.baseline_n'
                    ) }}
        end as effect_size,
        case
            when corrected.quality != 'insufficient'
                then
                    {{ segmentation.smallest_detectable_difference(
                        'sqrt(corrected.pooled_variance)', 'corrected.n', 'corrected.baseline_n'
                    ) }}
        end as smallest_detectable_difference,
        corrected.first_delivered_through,
        corrected.last_delivered_through,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from audience_results
