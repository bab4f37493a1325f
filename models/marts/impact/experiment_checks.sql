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

variant_counts as (
    select
        experiment_users.experiment,
        experiment_users.variant,
        memberships.segment,
        count(*) as assigned_users,
        sum(case when experiment_users.has_several_variants then 1 else 0 end) as dropped_users,
        sum(
            case when not experiment_users.has_several_variants and not experiment_users.is_observed then 1 else 0 end
        ) as unobserved_users,
        min(experiment_users.segment_as_of) as first_segment_as_of,
        max(experiment_users.segment_as_of) as last_segment_as_of
    from experiment_users
    inner join memberships
        on
            experiment_users.experiment = memberships.experiment
            and experiment_users.user_id = memberships.user_id
    group by experiment_users.experiment, experiment_users.variant, memberships.segment
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
        cast(assignments.assigned_at as date) <= data_through.data_through
        and not coalesce(assignments.known_date <= data_through.data_through, false)
    group by assignments.experiment
),

-- Every variant in every segment, also where nobody is.
variant_cells as (
    select
        experiment_variants.experiment,
        all_segments.segment,
        experiment_variants.evidence,
        experiment_variants.expected_share,
        coalesce(variant_counts.assigned_users, 0) as assigned_users,
        coalesce(variant_counts.dropped_users, 0) as dropped_users,
        coalesce(variant_counts.unobserved_users, 0) as unobserved_users,
        coalesce(variant_counts.assigned_users - variant_counts.dropped_users, 0) as users,
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
        sum(assigned_users) as assigned_users,
        sum(dropped_users) as dropped_users,
        sum(unobserved_users) as unobserved_users,
        sum(users) as users,
        sum(case when expected_share > 0 then 1 else 0 end) as expected_variants,
        -- Users of a variant that the plan does not have: no chance explains them.
        sum(case when expected_share > 0 then 0 else users end) as unexpected_users,
        min(case when expected_share > 0 then expected_share end) as smallest_expected_share,
        min(first_segment_as_of) as first_segment_as_of,
        max(last_segment_as_of) as last_segment_as_of
    from variant_cells
    group by experiment, segment, evidence
),

distances as (
    select
        variant_cells.experiment,
        variant_cells.segment,
        sum(
            (variant_cells.users - totals.users * variant_cells.expected_share)
            * (variant_cells.users - totals.users * variant_cells.expected_share)
            / (totals.users * variant_cells.expected_share)
        ) as chi_square
    from variant_cells
    inner join totals
        on
            variant_cells.experiment = totals.experiment
            and variant_cells.segment = totals.segment
    where
        totals.users > 0
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
        cast(with_p_values.assigned_users as bigint) as assigned_users,
        cast(with_p_values.dropped_users as bigint) as dropped_users,
        cast(with_p_values.unobserved_users as bigint) as unobserved_users,
        cast(with_p_values.users as bigint) as users,
        cast(coalesce(unknown_counts.unknown_users, 0) as bigint) as unknown_users,
        with_p_values.users * with_p_values.smallest_expected_share as smallest_expected_users,
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
)

select * from checks
