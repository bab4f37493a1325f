{%- set horizon = segmentation.setting('survival_horizon_days') %}
{%- set gap_days = segmentation.setting('survival_gap_days') %}
{%- set z = segmentation._double(segmentation._confidence_z()) %}
{%- set circular = segmentation.segments_by_activity(segmentation.registered_segments()) %}

with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
    union all
    select '__all__' as segment
),

survival_days as (
    select * from {{ ref('survival_days') }}
),

survival_accounts as (
    select * from {{ ref('survival_accounts') }}
),

member_counts as (
    select
        segment,
        cast(count(*) as bigint) as members
    from {{ ref('segment_memberships') }}
    where entry_number = 1
    group by segment
    union all
    select
        '__all__' as segment,
        cast(count(distinct user_id) as bigint) as members
    from {{ ref('user_dates') }}
),

totals as (
    select
        segment,
        group_name,
        cast(sum(entered) as bigint) as n,
        cast(sum(events) as bigint) as events,
        min(step_start) + sum(area) as area,
        min(day_number) as first_day,
        max(day_number) as last_day,
        min(survival) as lowest_survival,
        -- One half is reached where only rounding is missing: 3/4 of 2/3 is a little more in doubles.
        min(case when survival <= 5e-1 + 1e-12 then day_number end) as median_day,
        min(case when survival_lower <= 5e-1 or survival = 0 then day_number end) as median_day_lower,
        min(case when survival_upper <= 5e-1 then day_number end) as median_day_upper,
        -- Days on which nobody was at risk, after somebody had been.
        sum(case when place > 1 and at_risk = 0 and day_number <= {{ horizon }} then 1 else 0 end) as breaks,
        -- Greenwood: what is left of the area after a day (past the horizon nothing), squared, times what the day adds.
        sum(case
            when events > 0 and events < at_risk
                then area_left * area_left * events / (cast(at_risk as double) * (at_risk - events))
            else 0e0
        end) as variance
    from survival_days
    group by segment, group_name
),

-- A mean from the signup to the horizon needs somebody at risk whenever something can happen.
curves as (
    select
        *,
        first_day < {{ gap_days }} as starts_in_time,
        case
            when
                first_day < {{ gap_days }}
                and breaks = 0
                and (last_day >= {{ horizon }} or lowest_survival = 0)
                then area
        end as mean_days,
        sqrt(variance) as standard_error
    from totals
),

log_ranks as (
    select
        members.segment,
        sum(members.events) as observed,
        sum(members.both_events - members.events) as rest_observed,
        sum(members.both_events * members.at_risk / members.both_at_risk) as expected,
        sum(members.both_events * (members.both_at_risk - members.at_risk) / members.both_at_risk) as rest_expected,
        sum(
            members.both_events * (members.at_risk / members.both_at_risk)
            * ((members.both_at_risk - members.at_risk) / members.both_at_risk)
            * (members.both_at_risk - members.both_events) / nullif(members.both_at_risk - 1e0, 0e0)
        ) as variance
    from survival_days as members
    where
        members.group_name = 'segment'
        and members.is_paired
    group by members.segment
),

design_effects as (
    select
        segment,
        {%- for name in ['score', 'mean', 'difference'] %}
        {{ segmentation._variance_inflation(name ~ '_account_squares', name ~ '_squares') }} as {{ name }}_effect,
        {%- endfor %}
        accounts,
        baseline_accounts
    from survival_accounts
),

compared as (
    select
        segments.segment,
        coalesce(member_counts.members, 0) as members,
        coalesce(members.n, 0) as n,
        coalesce(rest.n, 0) as baseline_n,
        coalesce(design_effects.accounts, 0) as accounts,
        coalesce(design_effects.baseline_accounts, 0) as baseline_accounts,
        coalesce(members.events, 0) as events,
        coalesce(rest.events, 0) as baseline_events,
        case when members.starts_in_time then members.median_day end as median_days,
        case when members.starts_in_time then members.median_day_lower end as median_days_lower,
        case when members.starts_in_time then members.median_day_upper end as median_days_upper,
        case when rest.starts_in_time then rest.median_day end as baseline_median_days,
        members.mean_days as mean,
        nullif(members.standard_error, 0e0) as unclustered_error,
        nullif(members.standard_error, 0e0) * sqrt(design_effects.mean_effect) as standard_error,
        rest.mean_days as baseline_mean,
        nullif(rest.standard_error, 0e0) as baseline_standard_error,
        log_ranks.observed,
        log_ranks.rest_observed,
        log_ranks.expected,
        log_ranks.rest_expected,
        (log_ranks.observed - log_ranks.expected)
        / nullif(sqrt(log_ranks.variance * design_effects.score_effect), 0e0) as z,
        case when log_ranks.variance > 0 then design_effects.score_effect end as design_effect,
        design_effects.difference_effect,
        segments.segment in ({{ segmentation.text_literals(circular) }}) as is_circular
    from segments
    left join member_counts on segments.segment = member_counts.segment
    left join curves as members
        on
            segments.segment = members.segment
            and members.group_name = 'segment'
    left join curves as rest
        on
            segments.segment = rest.segment
            and rest.group_name = 'rest'
    left join log_ranks on segments.segment = log_ranks.segment
    left join design_effects on segments.segment = design_effects.segment
),

judged as (
    select
        *,
        {{ segmentation.comparison_quality(
            'n', "case when segment != '__all__' then baseline_n end",
            insufficient="least(accounts, case when segment != '__all__' then baseline_accounts end) < "
            ~ segmentation.setting('min_test_accounts'),
            at_least=segmentation.setting('min_test_users'),
            units=['accounts', "case when segment != '__all__' then baseline_accounts end"],
            smallest_count="""case
                when segment = '__all__' then events
                else coalesce(least(observed, rest_observed, expected, rest_expected), 0)
            end"""
        ) }} as quality,
        sqrt(difference_effect) * sqrt(
            unclustered_error * unclustered_error + baseline_standard_error * baseline_standard_error
        ) as difference_standard_error
    from compared
),

p_values as (
    select
        *,
        case when quality != 'insufficient' then {{ segmentation.normal_two_sided_p('z') }} end as p_value
    from judged
),

-- Only what could have come out either way is a test.
corrected as (
    {{ segmentation.corrected_families(
        'p_values', "'segment_survival_summary'", 'not is_circular'
    ) }}
),

summary as (
    select
        corrected.segment,
        case when corrected.segment != '__all__' then 'rest' end as baseline,
        corrected.family,
        'hazard_ratio' as effect_size_kind,
        corrected.quality,
        cast({{ horizon }} as bigint) as horizon_days,
        corrected.members,
        corrected.n,
        corrected.baseline_n,
        corrected.accounts,
        corrected.baseline_accounts,
        corrected.events,
        corrected.baseline_events,
        corrected.median_days,
        corrected.median_days_lower,
        corrected.median_days_upper,
        corrected.baseline_median_days,
        corrected.mean,
        corrected.mean - {{ z }} * corrected.standard_error as mean_lower,
        corrected.mean + {{ z }} * corrected.standard_error as mean_upper,
        corrected.baseline_mean,
        corrected.mean - corrected.baseline_mean as difference,
        corrected.mean - corrected.baseline_mean - {{ z }} * corrected.difference_standard_error as difference_lower,
        corrected.mean - corrected.baseline_mean + {{ z }} * corrected.difference_standard_error as difference_upper,
        corrected.z * corrected.z as chi_square,
        corrected.p_value,
        corrected.q_value,
        (corrected.observed / nullif(corrected.expected, 0e0))
        / nullif(corrected.rest_observed / nullif(corrected.rest_expected, 0e0), 0e0) as effect_size,
        corrected.design_effect,
        corrected.is_circular,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from summary
