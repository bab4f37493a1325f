{%- set expected_shares = segmentation.experiment_shares() -%}
with
assignments as (
    select * from {{ ref('user_assignments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

seen_variants as (
    select
        assignments.experiment,
        assignments.variant,
        -- Not known yet is unknown: the link comes later.
        cast(count(distinct case
            when not coalesce(assignments.known_date <= data_through.data_through, false) then assignments.named_id
        end) as bigint) as unknown_users,
        cast(min(assignments.assigned_at) as date) as first_assigned_on,
        cast(max(assignments.assigned_at) as date) as last_assigned_on
    from assignments
    cross join data_through
    where cast(assignments.assigned_at as date) <= data_through.data_through
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

experiments as (
    select
        all_variants.experiment,
        cast(count(*) as bigint) as variants,
        max(case when planned_variants.variant is not null then 1 else 0 end) as is_planned
    from all_variants
    left join planned_variants
        on
            all_variants.experiment = planned_variants.experiment
            and all_variants.variant = planned_variants.variant
    group by all_variants.experiment
),

variants as (
    select
        all_variants.experiment,
        all_variants.variant,
        ranked_controls.variant as control_variant,
        case
            when experiments.variants = 1 then 'one_variant'
            when ranked_controls.variant is null then 'no_control'
            else 'control'
        end as evidence,
        case
            when experiments.is_planned = 1 then coalesce(planned_variants.expected_share, 0e0)
            else 1e0 / experiments.variants
        end as expected_share,
        coalesce(seen_variants.unknown_users, 0) as unknown_users,
        coalesce(all_variants.variant = ranked_controls.variant, false) as is_control,
        seen_variants.first_assigned_on,
        seen_variants.last_assigned_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from all_variants
    inner join experiments on all_variants.experiment = experiments.experiment
    cross join data_through
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
