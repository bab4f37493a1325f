{#- Were all of the effect passed on to colleagues, the difference would lack no more than this share of it. -#}
{%- set high = '1e-1' -%}
{%- set alarm = segmentation._double(segmentation.setting('sample_ratio_alarm')) -%}
with
experiment_users as (
    select * from {{ ref('experiment_users') }}
),

experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

assignments as (
    select * from {{ ref('user_assignments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

all_segments as (
    select segment from {{ ref('segments') }}
    union all
    select '__all__' as segment
    union all
    select '__no_history__' as segment
),

memberships as (
    {{ segmentation.segments_at_exposure('experiment_users', 'experiment') }}
),

-- Users of one account in different arms: what is done to one may reach the other. Who is held out is in no arm.
account_arms as (
    select
        experiment_users.experiment,
        experiment_users.account_id,
        min(experiment_users.variant) as first_variant,
        max(experiment_users.variant) as last_variant,
        sum(case when experiment_users.has_several_variants then 1 else 0 end) as users_of_several
    from experiment_users
    inner join experiment_variants
        on
            experiment_users.experiment = experiment_variants.experiment
            and experiment_users.variant = experiment_variants.variant
    where
        experiment_users.account_id is not null
        and (experiment_variants.is_control or not experiment_variants.is_holdout)
    group by experiment_users.experiment, experiment_users.account_id
),

units as (
    select
        experiment_users.*,
        experiment_variants.is_holdout,
        experiment_variants.is_control or not experiment_variants.is_holdout as is_arm,
        {{ segmentation.experiment_unit_key('experiment_users') }} as unit_key,
        {{ segmentation.account_key('experiment_users') }} as account_key,
        not experiment_users.has_several_variants
        and (experiment_variants.is_control or not experiment_variants.is_holdout)
        and coalesce(
            account_arms.first_variant != account_arms.last_variant or account_arms.users_of_several > 0, false
        ) as has_interference
    from experiment_users
    inner join experiment_variants
        on
            experiment_users.experiment = experiment_variants.experiment
            and experiment_users.variant = experiment_variants.variant
    left join account_arms
        on
            experiment_users.experiment = account_arms.experiment
            and experiment_users.account_id = account_arms.account_id
),

members as (
    select
        units.*,
        memberships.segment,
        -- A unit counts once, in the variant that its first user was given.
        row_number() over (
            partition by
                units.experiment, memberships.segment, units.unit_key, units.has_several_variants, units.is_holdout
            order by units.assigned_at, units.user_id
        ) as place
    from units
    inner join memberships
        on
            units.experiment = memberships.experiment
            and units.user_id = memberships.user_id
),

variant_counts as (
    select
        experiment,
        variant,
        segment,
        count(*) as assigned_users,
        sum(case when has_several_variants then 1 else 0 end) as dropped_users,
        sum(case when not has_several_variants and not is_observed then 1 else 0 end) as unobserved_users,
        sum(case when not has_several_variants and is_holdout then 1 else 0 end) as holdout_users,
        sum(case when is_arm and not has_several_variants then 1 else 0 end) as arm_users,
        sum(case when has_interference then 1 else 0 end) as interfered_users,
        sum(case when not has_several_variants and not is_holdout and place = 1 then 1 else 0 end) as units,
        min(segment_as_of) as first_segment_as_of,
        max(segment_as_of) as last_segment_as_of
    from members
    group by experiment, variant, segment
),

account_counts as (
    select
        experiment,
        segment,
        count(distinct account_key) as accounts
    from members
    where not has_several_variants and not is_holdout
    group by experiment, segment
),

-- Who is unknown is in no segment, only in the experiment.
unknown_counts as (
    select
        assignments.experiment,
        '__all__' as segment,
        count(distinct assignments.named_id) as unknown_users
    from assignments
    cross join data_through
    where
        {{ segmentation.day_of('assignments.assigned_at') }} <= data_through.data_through
        and not coalesce(assignments.known_date <= data_through.data_through, false)
    group by assignments.experiment
),

-- Every variant in every segment, also where nobody is.
variant_cells as (
    select
        experiment_variants.experiment,
        all_segments.segment,
        experiment_variants.evidence,
        experiment_variants.randomization_unit,
        experiment_variants.expected_share,
        coalesce(variant_counts.assigned_users, 0) as assigned_users,
        coalesce(variant_counts.dropped_users, 0) as dropped_users,
        coalesce(variant_counts.unobserved_users, 0) as unobserved_users,
        coalesce(variant_counts.assigned_users - variant_counts.dropped_users, 0) as users,
        coalesce(variant_counts.holdout_users, 0) as holdout_users,
        coalesce(variant_counts.arm_users, 0) as arm_users,
        coalesce(variant_counts.interfered_users, 0) as interfered_users,
        coalesce(variant_counts.units, 0) as units,
        variant_counts.first_segment_as_of,
        variant_counts.last_segment_as_of
    from experiment_variants
    cross join all_segments
    left join variant_counts
        on
            experiment_variants.experiment = variant_counts.experiment
            and experiment_variants.variant = variant_counts.variant
            and all_segments.segment = variant_counts.segment
),

totals as (
    select
        experiment,
        segment,
        evidence,
        randomization_unit,
        sum(assigned_users) as assigned_users,
        sum(dropped_users) as dropped_users,
        sum(unobserved_users) as unobserved_users,
        sum(users) as users,
        sum(holdout_users) as holdout_users,
        sum(arm_users) as arm_users,
        sum(interfered_users) as interfered_users,
        sum(units) as units,
        sum(case when expected_share > 0 then 1 else 0 end) as expected_variants,
        -- Users of a variant that the plan does not have: no chance explains them.
        sum(case when expected_share = 0 then users else 0 end) as unexpected_users,
        min(case when expected_share > 0 then expected_share end) as smallest_expected_share,
        min(first_segment_as_of) as first_segment_as_of,
        max(last_segment_as_of) as last_segment_as_of
    from variant_cells
    group by experiment, segment, evidence, randomization_unit
),

distances as (
    select
        variant_cells.experiment,
        variant_cells.segment,
        sum(
            (variant_cells.units - totals.units * variant_cells.expected_share)
            * (variant_cells.units - totals.units * variant_cells.expected_share)
            / (totals.units * variant_cells.expected_share)
        ) as chi_square
    from variant_cells
    inner join totals
        on
            variant_cells.experiment = totals.experiment
            and variant_cells.segment = totals.segment
    where
        totals.units > 0
        and variant_cells.expected_share > 0
    group by variant_cells.experiment, variant_cells.segment
),

tested as (
    select
        totals.*,
        case when totals.expected_variants > 1 then distances.chi_square end as chi_square,
        case when totals.expected_variants > 1 then cast(totals.expected_variants - 1 as bigint) end
            as degrees_of_freedom
    from totals
    left join distances
        on
            totals.experiment = distances.experiment
            and totals.segment = distances.segment
),

with_p_values as (
    select
        *,
        case
            when unexpected_users > 0 then 0e0
            else {{ segmentation.chi_square_tail('chi_square', 'degrees_of_freedom') }}
        end as p_value
    from tested
),

checks as (
    select
        with_p_values.experiment,
        with_p_values.segment,
        with_p_values.evidence,
        with_p_values.randomization_unit,
        case
            when with_p_values.arm_users = 0 then cast(null as {{ dbt.type_string() }})
            when with_p_values.interfered_users = 0 then 'none'
            when with_p_values.interfered_users <= {{ high }} * with_p_values.arm_users
                then 'low'
            else 'high'
        end as interference,
        cast(with_p_values.assigned_users as bigint) as assigned_users,
        cast(with_p_values.dropped_users as bigint) as dropped_users,
        cast(with_p_values.unobserved_users as bigint) as unobserved_users,
        cast(with_p_values.users as bigint) as users,
        cast(coalesce(unknown_counts.unknown_users, 0) as bigint) as unknown_users,
        cast(with_p_values.holdout_users as bigint) as holdout_users,
        coalesce(account_counts.accounts, 0) as accounts,
        cast(with_p_values.interfered_users as bigint) as interfered_users,
        with_p_values.interfered_users / cast(nullif(with_p_values.arm_users, 0) as double) as interfered_share,
        with_p_values.units * with_p_values.smallest_expected_share as smallest_expected_units,
        with_p_values.chi_square,
        with_p_values.degrees_of_freedom,
        with_p_values.p_value,
        with_p_values.p_value < {{ alarm }} as is_sample_ratio_mismatch,
        with_p_values.first_segment_as_of,
        with_p_values.last_segment_as_of,
        data_through.data_through as as_of_date,
        data_through.data_through
    from with_p_values
    cross join data_through
    left join unknown_counts
        on
            with_p_values.experiment = unknown_counts.experiment
            and with_p_values.segment = unknown_counts.segment
    left join account_counts
        on
            with_p_values.experiment = account_counts.experiment
            and with_p_values.segment = account_counts.segment
)

select * from checks
