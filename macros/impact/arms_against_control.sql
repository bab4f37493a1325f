{#
    A query with each variant of an experiment beside its control, at each place of a curve: of experiment_days and
    experiment_timeline. Holdouts are not compared. Columns: experiment, variant, control_variant, randomization_unit, those of
    `at`, n, mean and squared_error (and of the control baseline_n, baseline_mean, baseline_squared_error), difference,
    standard_error, has_units (whether as many accounts are there as a test asks for, where these were assigned), and those of
    `more`, each with its baseline_.

    Arguments: arms (name of a CTE with one row per arm and place: experiment, variant, users, units, mean, squared_error),
               at (names of its columns that say which place, such as metric and day_number), more (names of further columns).
    Call:      {{ arms_against_control('arm_means', ['metric', 'day_number']) }}
    Renders:   select … from experiment_variants inner join arm_means … inner join arm_means as baseline …
    Scope:     the CTE experiment_variants.
#}
{% macro arms_against_control(arms, at, more=[]) -%}
select
    experiment_variants.experiment,
    experiment_variants.variant,
    experiment_variants.control_variant,
    experiment_variants.randomization_unit,
    {%- for column in at %}
    {{ arms }}.{{ column }},
    {%- endfor %}
    {%- for column in ['mean', 'squared_error'] + more %}
    {{ arms }}.{{ column }},
    baseline.{{ column }} as baseline_{{ column }},
    {%- endfor %}
    cast({{ arms }}.users as bigint) as n,
    cast(baseline.users as bigint) as baseline_n,
    {{ arms }}.mean - baseline.mean as difference,
    sqrt({{ arms }}.squared_error + baseline.squared_error) as standard_error,
    experiment_variants.randomization_unit = 'user'
    or least({{ arms }}.units, baseline.units) >= {{ segmentation.setting('min_test_accounts') }} as has_units
from experiment_variants
inner join {{ arms }}
    on
        experiment_variants.experiment = {{ arms }}.experiment
        and experiment_variants.variant = {{ arms }}.variant
inner join {{ arms }} as baseline
    on
        experiment_variants.experiment = baseline.experiment
        and experiment_variants.control_variant = baseline.variant
        {%- for column in at %}
        and {{ arms }}.{{ column }} = baseline.{{ column }}
        {%- endfor %}
where
    not experiment_variants.is_control
    and not experiment_variants.is_holdout
{%- endmacro %}
