-- Every variant of holdout_variants and every experiment of randomization_unit and experiment_metrics occurs in the
-- assignments. A name that does not is a typo, or of an experiment that has not begun: hence a warning.
{{ config(severity='warn') }}

{%- set names = [] %}
{%- for name in segmentation.setting('holdout_variants') %}
{%- do names.append(['holdout_variants', 'variant', name]) %}
{%- endfor %}
{%- set units = segmentation.setting('randomization_unit') %}
{%- for name in units if units is mapping %}
{%- do names.append(['randomization_unit', 'experiment', name]) %}
{%- endfor %}
{%- for name in segmentation.setting('experiment_metrics') %}
{%- do names.append(['experiment_metrics', 'experiment', name]) %}
{%- endfor %}
with
experiment_variants as (
    select * from {{ ref('experiment_variants') }}
),

failures as (
    {%- for variable, column, name in names %}
    select
        'vars: {{ variable }} names ' || {{ segmentation.text_literal(name) }}
        || ', and no row of experiment_assignments does. Correct the name, or wait until the experiment begins.' as message
    where {{ segmentation.text_literal(name) }} not in (select experiment_variants.{{ column }} from experiment_variants)
    {{ 'union all' if not loop.last }}
    {%- else %}
    select {{ segmentation.text_literal('') }} as message
    from experiment_variants
    where false
    {%- endfor %}
)

select * from failures
