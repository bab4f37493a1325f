{#
    CTEs that fit a line to a predictor by logistic regression, outcome on intercept + slope × predictor, by Newton's method from
    intercept 0 and slope 1: where the model behind the predictor is calibrated. The last CTE, `name`, has one row: intercept,
    slope and last_change (of the slope; not near 0, or NULL, if the steps did not suffice, as where the outcome is separated).

    Arguments: name (of the last CTE; the others begin with it), relation (name of a CTE), predictor (column, log odds), outcome
               (column, 0 or 1), steps (number of them).
    Call:      {{ calibration_steps('calibration', 'expected', 'predictor', 'has_left', 8) }}
    Source:    Cox (1958), Biometrika 45, 562–565; Van Calster et al. (2019), BMC Medicine 17, 230.
#}
{% macro calibration_steps(name, relation, predictor, outcome, steps) -%}
{{ name }}_0 as (
    select
        cast(0e0 as double) as intercept,
        cast(1e0 as double) as slope,
        cast(null as double) as last_change
),
{% for step in range(1, steps + 1) %}
{%- set before = name ~ '_' ~ (step - 1) %}
{{ name }}_sums_{{ step }} as (
    select
        min(intercept) as intercept,
        min(slope) as slope,
        sum({{ outcome }} - probability) as score,
        sum(({{ outcome }} - probability) * predictor) as score_of_slope,
        sum(weight) as information,
        sum(weight * predictor) as shared_information,
        sum(weight * predictor * predictor) as information_of_slope
    from (
        select
            *,
            probability * (1 - probability) as weight
        from (
            select
                {{ relation }}.{{ outcome }},
                {{ relation }}.{{ predictor }} as predictor,
                {{ before }}.intercept,
                {{ before }}.slope,
                {{ segmentation.logistic(before ~ '.intercept + ' ~ before ~ '.slope * ' ~ relation ~ '.' ~ predictor) }} as probability
            from {{ relation }}
            cross join {{ before }}
        ) as predictions
    ) as weights
),

{{ name if step == steps else name ~ '_' ~ step }} as (
    select
        intercept + (information_of_slope * score - shared_information * score_of_slope) / determinant as intercept,
        slope + (information * score_of_slope - shared_information * score) / determinant as slope,
        (information * score_of_slope - shared_information * score) / determinant as last_change
    from (
        select
            *,
            nullif(information * information_of_slope - shared_information * shared_information, 0e0) as determinant
        from {{ name }}_sums_{{ step }}
    ) as sums
){{ ',' if not loop.last }}
{% endfor %}
{%- endmacro %}
