{{ config(enabled=segmentation.setting('discovery').get('churn_score', false)) }}
{%- set features = segmentation.churn_features() -%}
{%- set churn = segmentation.setting('churn') -%}
{{ config(materialized='iterated', start='churn_starts', steps=churn.steps | default(1)) }}
-- One step of Newton's method, on the half of the users that the model is fitted on.
with
last_step as (
    select * from {{ segmentation.last_step(ref('churn_starts')) }}
),

churn_values as (
    select * from {{ ref('churn_values') }}
),

training_values as (
    select * from churn_values
    where test_half = 0
),

coefficients as (
    {{ segmentation.coefficients_in_a_row('last_step', features | length) }}
),

training as (
    {{ segmentation.standardized_values('training_values', 'coefficients', features | length, ['has_left']) }}
),

{{ segmentation.newton_step('newton', 'training', 'has_left', 'coefficients', features | length, churn.ridge) }},

changes as (
    select
        last_step.*,
        case last_step.term_number
            when 0 then newton.r0
            {%- for feature in features %}
            when {{ loop.index }} then newton.r{{ loop.index }}
            {%- endfor %}
        end as step_change
    from last_step
    cross join newton
),

next_step as (
    select
        term,
        term_number,
        coefficient + step_change as coefficient,
        step_change as last_change,
        feature_mean,
        feature_standard_deviation,
        data_through
    from changes
)

select * from next_step
