{%- set expected_shares = segmentation.experiment_shares() %}
{%- set holdouts = segmentation.text_literals(segmentation.setting('holdout_variants') or ['']) %}
{%- set unit = segmentation.setting('randomization_unit') %}
{%- set alarm = segmentation._double(segmentation.setting('sample_ratio_alarm')) -%}

-- Whether accounts were assigned rather than users: had users been, few accounts with several would be in one variant.
with
assignments as (
    select * from {{ ref('user_assignments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

experiment_users as (
    select * from {{ ref('experiment_users') }}
),

seen_variants as (
    select
        assignments.experiment,
        assignments.variant,
        -- Not known yet is unknown: the link comes later.
        cast(count(distinct case
            when not coalesce(assignments.known_date <= data_through.data_through, false) then assignments.named_id
        end) as bigint) as unknown_users,
        {{ segmentation.day_of('min(assignments.assigned_at)') }} as first_assigned_on,
        {{ segmentation.day_of('max(assignments.assigned_at)') }} as last_assigned_on
    from assignments
    cross join data_through
    where {{ segmentation.day_of('assignments.assigned_at') }} <= data_through.data_through
    group by assignments.experiment, assignments.variant
),

planned_variants as (
    {%- for entry in expected_shares %}
    select
        {{ segmentation.text_literal(entry.experiment) }} as experiment,
        {{ segmentation.text_literal(entry.variant) }} as variant,
        cast({{ entry.share }} as double) as expected_share
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        experiment,
        variant,
        cast(null as double) as expected_share
    from seen_variants
    where false
    {%- endfor %}
),

-- A planned variant that nobody was given is a variant too; an experiment that nobody is in is none.
all_variants as (
    select
        experiment,
        variant
    from seen_variants
    union
    select
        planned_variants.experiment,
        planned_variants.variant
    from planned_variants
    where planned_variants.experiment in (select seen_variants.experiment from seen_variants)
),

control_ranks as (
    {%- for variant in segmentation.setting('control_variants') %}
    select
        {{ segmentation.text_literal(variant) }} as variant,
        {{ loop.index }} as place
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        variant,
        0 as place
    from seen_variants
    where false
    {%- endfor %}
),

ranked_controls as (
    select
        all_variants.experiment,
        all_variants.variant,
        row_number() over (
            partition by all_variants.experiment order by control_ranks.place, all_variants.variant
        ) as place
    from all_variants
    inner join control_ranks on all_variants.variant = control_ranks.variant
),

-- Who is held out has no share in the plan: the others share what is left; only the control is compared all the same.
experiments as (
    select
        all_variants.experiment,
        cast(count(case when all_variants.variant not in ({{ holdouts }}) then 1 end) as bigint) as variants,
        count(case
            when all_variants.variant not in ({{ holdouts }}) or all_variants.variant = ranked_controls.variant then 1
        end) as compared_variants,
        sum(case when all_variants.variant not in ({{ holdouts }}) then planned_variants.expected_share end)
            as planned_share
    from all_variants
    left join planned_variants
        on
            all_variants.experiment = planned_variants.experiment
            and all_variants.variant = planned_variants.variant
    left join ranked_controls
        on
            all_variants.experiment = ranked_controls.experiment
            and ranked_controls.place = 1
    group by all_variants.experiment
),

assigned_users as (
    select
        experiment,
        variant,
        user_id,
        account_id
    from experiment_users
    where
        not has_several_variants
        and variant not in ({{ holdouts }})
),

{{ segmentation.unit_evidence('assigned_users', 'experiment', 'variant') }},

variants as (
    select
        all_variants.experiment,
        all_variants.variant,
        ranked_controls.variant as control_variant,
        case
            when experiments.compared_variants <= 1 then 'one_variant'
            when ranked_controls.variant is null then 'no_control'
            else 'control'
        end as evidence,
        {{ segmentation._assigned_unit('all_variants.experiment', unit, alarm) }} as randomization_unit,
        case
            when all_variants.variant in ({{ holdouts }}) then cast(null as double)
            when experiments.planned_share > 0
                then coalesce(planned_variants.expected_share, 0e0) / experiments.planned_share
            else 1e0 / experiments.variants
        end as expected_share,
        coalesce(seen_variants.unknown_users, 0) as unknown_users,
        coalesce(unit_evidence.shared_accounts, 0) as shared_accounts,
        coalesce(unit_evidence.undivided_accounts, 0) as undivided_accounts,
        coalesce(unit_evidence.expected_undivided_accounts, 0e0) as expected_undivided_accounts,
        unit_evidence.undivided_p_value,
        coalesce(all_variants.variant = ranked_controls.variant, false) as is_control,
        all_variants.variant in ({{ holdouts }}) as is_holdout,
        seen_variants.first_assigned_on,
        seen_variants.last_assigned_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from all_variants
    inner join experiments on all_variants.experiment = experiments.experiment
    cross join data_through
    left join unit_evidence on all_variants.experiment = unit_evidence.experiment
    left join ranked_controls
        on
            all_variants.experiment = ranked_controls.experiment
            and ranked_controls.place = 1
    left join seen_variants
        on
            all_variants.experiment = seen_variants.experiment
            and all_variants.variant = seen_variants.variant
    left join planned_variants
        on
            all_variants.experiment = planned_variants.experiment
            and all_variants.variant = planned_variants.variant
)

select * from variants
