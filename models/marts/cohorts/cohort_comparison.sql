{%- set entry_days = segmentation.setting('funnel_entry_days') %}
{%- set cells = segmentation.retention_cells() | selectattr('last_day') | list %}
{%- set registered = segmentation.registered_segments() %}
{%- set by_activity = segmentation.segments_by_activity(registered) %}
{%- set circular = [{'when': "everybody.subject = 'retention'", 'segments': by_activity}] %}
{%- for funnel in segmentation.funnels() %}
{%- set mentioning = by_activity + [] %}
{%- for segment in registered if segment not in by_activity %}
{%- set found = [] %}
{%- for event in funnel.steps if segmentation.segment_mentions(segment, modules.re.escape(event)) %}
{%- do found.append(event) %}
{%- endfor %}
{%- do mentioning.append(segment) if found %}
{%- endfor %}
{%- do circular.append({
    'when': "everybody.subject = 'funnel' and everybody.outcome = '" ~ funnel.name ~ "'", 'segments': mentioning
}) %}
{%- endfor %}

-- One cohort decides, the newest that is complete: the earlier ones hold mostly the same people, who are no further
-- witnesses.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

cohorts as (
    select as_of_date as cohort_date
    from {{ ref('as_of_dates') }}
    where is_period_end
),

retention_counts as (
    select * from {{ ref('retention_counts') }}
),

funnel_counts as (
    select * from {{ ref('funnel_counts') }}
),

-- Unbounded retention of the newest complete cohort is that of one week and the few days since.
outcomes as (
    {%- for cell in cells %}
    select
        'retention' as subject,
        '{{ cell.kind }}' as outcome,
        'active on days {{ cell.first_day }} to {{ cell.last_day }}' as outcome_label,
        {{ cell.period }} as step,
        0 as from_step,
        {{ cell.first_day }} as first_day,
        {{ cell.last_day }} as last_day,
        {{ cell.mature_after }} as mature_after_days
    union all
    {%- endfor %}
    {%- for funnel in segmentation.funnels() %}
    {%- for conversion in segmentation.funnel_conversions(funnel) if conversion.is_compared %}
    select
        'funnel' as subject,
        '{{ funnel.name }}' as outcome,
        {{ segmentation.text_literal(
            funnel.steps[conversion.step - 1] ~ (', of ' ~ funnel.steps[conversion.from_step - 1] if conversion.from_step else '')
        ) }} as outcome_label,
        {{ conversion.step }} as step,
        {{ conversion.from_step }} as from_step,
        cast(null as integer) as first_day,
        cast(null as integer) as last_day,
        {{ entry_days + funnel.decided_after_days }} as mature_after_days
    union all
    {%- endfor %}
    {%- endfor %}
    -- No row, but columns, also where nothing is compared.
    select
        '' as subject,
        '' as outcome,
        '' as outcome_label,
        0 as step,
        0 as from_step,
        0 as first_day,
        0 as last_day,
        0 as mature_after_days
    where false
),

decided as (
    select
        outcomes.subject,
        outcomes.outcome,
        outcomes.outcome_label,
        cast(outcomes.step as bigint) as step,
        cast(outcomes.from_step as bigint) as from_step,
        cast(max(outcomes.first_day) as bigint) as first_day,
        cast(max(outcomes.last_day) as bigint) as last_day,
        max(cohorts.cohort_date) as cohort_date
    from outcomes
    cross join cohorts
    cross join data_through
    where
        {{ segmentation.days_before('cohorts.cohort_date', '-outcomes.mature_after_days') }}
        <= {{ segmentation.closed_through('data_through') }}
    group by outcomes.subject, outcomes.outcome, outcomes.outcome_label, outcomes.step, outcomes.from_step
),

counted as (
    select
        segment,
        'retention' as subject,
        kind as outcome,
        period as step,
        0 as from_step,
        n,
        accounts,
        whole_accounts,
        retained as successes,
        squares,
        products_with_all as products,
        retained_squares as success_squares,
        retained_products as success_products,
        retained_by_all as success_by_users,
        retained_by_all_retained as success_by_all,
        all_retained_by_members as all_success_by_members,
        as_of_date as cohort_date
    from retention_counts
    union all
    select
        segment,
        'funnel' as subject,
        funnel as outcome,
        step,
        from_step,
        n,
        accounts,
        whole_accounts,
        users as successes,
        squares,
        products_with_all as products,
        user_squares as success_squares,
        user_products as success_products,
        users_by_all as success_by_users,
        users_by_all_users as success_by_all,
        all_users_by_members as all_success_by_members,
        as_of_date as cohort_date
    from funnel_counts
),

decisive as (
    select
        counted.*,
        decided.outcome_label,
        decided.first_day,
        decided.last_day
    from counted
    inner join decided
        on
            counted.subject = decided.subject
            and counted.outcome = decided.outcome
            and counted.step = decided.step
            and counted.from_step = decided.from_step
            and counted.cohort_date = decided.cohort_date
),

everybody as (
    select * from decisive
    where segment = '__all__'
),

-- Every segment has all outcomes, also where nobody is in the cohort.
counts as (
    select
        segments.segment,
        everybody.subject,
        everybody.outcome,
        everybody.outcome_label,
        everybody.step,
        everybody.from_step,
        everybody.first_day,
        everybody.last_day,
        coalesce(members.n, 0) as n,
        everybody.n - coalesce(members.n, 0) as baseline_n,
        everybody.n as population_n,
        coalesce(members.accounts, 0) as accounts,
        everybody.accounts - coalesce(members.whole_accounts, 0) as baseline_accounts,
        coalesce(members.successes, 0) as successes,
        everybody.successes - coalesce(members.successes, 0) as baseline_successes,
        everybody.successes as population_successes,
        {%- for name in [
            'squares', 'products', 'success_squares', 'success_products', 'success_by_users', 'success_by_all',
            'all_success_by_members',
        ] %}
        coalesce(members.{{ name }}, 0e0) as {{ name }},
        {%- endfor %}
        everybody.squares as population_squares,
        everybody.success_squares as all_success_squares,
        everybody.success_products as all_success_by_users,
        case
            {%- for entry in circular %}
            when {{ entry.when }}
                then segments.segment in ({{ segmentation.text_literals(entry.segments or ['']) }})
            {%- endfor %}
            else false
        end as is_circular,
        everybody.cohort_date
    from everybody
    cross join segments
    left join decisive as members
        on
            segments.segment = members.segment
            and everybody.subject = members.subject
            and everybody.outcome = members.outcome
            and everybody.step = members.step
            and everybody.from_step = members.from_step
),

{{ segmentation.compared_shares() }},

corrected as (
    {{ segmentation.corrected_families('p_values', "'cohort_comparison/' || subject", 'not is_circular') }}
),

comparison as (
    select
        corrected.segment,
        corrected.subject,
        corrected.outcome,
        corrected.outcome_label,
        'rest' as baseline,
        corrected.family,
        'cohens_h' as effect_size_kind,
        corrected.quality,
        corrected.step,
        corrected.from_step,
        corrected.first_day,
        corrected.last_day,
        corrected.n,
        corrected.baseline_n,
        corrected.accounts,
        corrected.baseline_accounts,
        corrected.successes as users,
        corrected.baseline_successes as baseline_users,
        corrected.mean,
        corrected.baseline_mean,
        corrected.difference,
        corrected.difference_lower,
        corrected.difference_upper,
        corrected.lift,
        corrected.lift_lower,
        corrected.lift_upper,
        corrected.p_value,
        corrected.q_value,
        corrected.effect_size,
        corrected.smallest_detectable_difference,
        corrected.design_effect,
        corrected.is_circular,
        corrected.cohort_date,
        data_through.data_through as as_of_date,
        data_through.data_through
    from corrected
    cross join data_through
)

select * from comparison
