{#
    CTEs that fit a logistic regression by Newton's method, one row each: <name>_0 to <name>_<steps> with the coefficients
    b0 (intercept), b1, b2, … after so many steps, and in the last one `last_step`, the largest change that it made.

    Minimises Σ −log likelihood + ridge / 2 · Σ bⱼ² over the slopes (not the intercept): what scikit-learn's
    LogisticRegression(C=1/ridge) does. The ridge keeps the solution finite where a feature separates the outcomes, and
    unique where one is constant or repeats another. Every step solves its linear system by Gauss-Jordan elimination
    without pivoting, which is safe since the matrix is symmetric and positive definite; one CTE per column, so that SQL
    stays short. All columns are NULL if an outcome is missing.

    Arguments: name (prefix of the CTEs), relation (its columns x1, x2, … should be standardised), outcome (column that is 0 or
               1), features (number of x columns, 1 to 9), ridge (number ≥ 0), steps (whole number ≥ 1).
    Call:      with …, {{ logistic_newton('newton', 'training', 'has_left', 8, ridge=1, steps=8) }}, …
    Errors:    a number outside of these bounds stops the parse.
    Source:    Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, 4.4.1.
#}
{% macro logistic_newton(name, relation, outcome, features, ridge, steps) -%}
    {%- set problems = segmentation._logistic_newton_problems(features, ridge, steps) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
    {%- set last = features -%}
{{ name }}_0 as (
    select
        -- The share of each outcome is where to start from.
        case when sum({{ outcome }}) > 0 and sum({{ outcome }}) < count(*)
            then ln(sum({{ outcome }}) / cast(nullif(count(*) - sum({{ outcome }}), 0) as double)) end as b0
        {%- for i in range(1, last + 1) %},
        case when sum({{ outcome }}) > 0 and sum({{ outcome }}) < count(*) then 0e0 end as b{{ i }}
        {%- endfor %}
    from {{ relation }}
)
{%- for step in range(1, steps + 1) %}
{%- set now = name ~ '_' ~ (step - 1) %}
{%- set next = name ~ '_' ~ step %},

{{ next }}_predictors as (
    select
        {{ relation }}.{{ outcome }},
        {%- for i in range(1, last + 1) %}
        {{ relation }}.x{{ i }},
        {%- endfor %}
        {{ now }}.b0{% for i in range(1, last + 1) %} + {{ now }}.b{{ i }} * {{ relation }}.x{{ i }}{% endfor %} as predictor
    from {{ relation }}
    cross join {{ now }}
),

{{ next }}_probabilities as (
    select
        *,
        {{ segmentation.logistic('predictor') }} as probability
    from {{ next }}_predictors
),

{{ next }}_weights as (
    select
        *,
        probability * (1e0 - probability) as weight,
        {{ outcome }} - probability as residual
    from {{ next }}_probabilities
),

{{ next }}_sums as (
    select
        {%- for i in range(last + 1) %}
        {%- for j in range(i, last + 1) %}
        sum(weight{{ ' * x' ~ i if i }}{{ ' * x' ~ j if j }}) as a{{ i }}_{{ j }},
        {%- endfor %}
        sum(residual{{ ' * x' ~ i if i }}) as r{{ i }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ next }}_weights
),

-- The upper half of the matrix and the right side. The penalty belongs to both.
{{ next }}_eliminated_0 as (
    select
        {%- for i in range(last + 1) %}
        {%- for j in range(i, last + 1) %}
        {{ next }}_sums.a{{ i }}_{{ j }}{{ ' + cast(' ~ ridge ~ ' as double)' if i == j and i }} as a{{ i }}_{{ j }},
        {%- endfor %}
        {{ next }}_sums.r{{ i }}{{ ' - cast(' ~ ridge ~ ' as double) * ' ~ now ~ '.b' ~ i if i }} as r{{ i }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ next }}_sums
    cross join {{ now }}
)
{#- Gauss-Jordan: stage k takes column k out of all other rows. Below row k the rest stays symmetric, so that a<i>_<j> with
    i <= j is all there is to keep. #}
{%- for k in range(last + 1) %},

{{ next }}_eliminated_{{ k + 1 }} as (
    select
        {%- for i in range(last + 1) %}
        {%- for j in range([i, k + 1] | max, last + 1) %}
        {%- if i == k %}
        a{{ k }}_{{ j }} / nullif(a{{ k }}_{{ k }}, 0e0) as a{{ k }}_{{ j }},
        {%- else %}
        a{{ i }}_{{ j }} - a{{ [i, k] | min }}_{{ [i, k] | max }} * a{{ k }}_{{ j }} / nullif(a{{ k }}_{{ k }}, 0e0)
            as a{{ i }}_{{ j }},
        {%- endif %}
        {%- endfor %}
        {%- if i == k %}
        r{{ k }} / nullif(a{{ k }}_{{ k }}, 0e0) as r{{ k }}
        {%- else %}
        r{{ i }} - a{{ [i, k] | min }}_{{ [i, k] | max }} * r{{ k }} / nullif(a{{ k }}_{{ k }}, 0e0) as r{{ i }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ next }}_eliminated_{{ k }}
)
{%- endfor %},

{{ next }} as (
    select
        {%- for i in range(last + 1) %}
        {{ now }}.b{{ i }} + {{ next }}_eliminated_{{ last + 1 }}.r{{ i }} as b{{ i }}{{ ',' if not loop.last or step == steps }}
        {%- endfor %}
        {%- if step == steps %}
        greatest(
            {%- for i in range(last + 1) %}
            abs({{ next }}_eliminated_{{ last + 1 }}.r{{ i }}){{ ',' if not loop.last }}
            {%- endfor %}
        ) as last_step
        {%- endif %}
    from {{ now }}
    cross join {{ next }}_eliminated_{{ last + 1 }}
)
{%- endfor %}
{%- endmacro %}

{# What is wrong with the arguments of logistic_newton(), as a list of texts. #}
{% macro _logistic_newton_problems(features, ridge, steps) -%}
    {%- set problems = [] -%}
    {%- if features is not integer or not 1 <= features <= 9 -%}
        {%- do problems.append("logistic_newton: `features` must be a whole number from 1 to 9, got " ~ features ~ ".") -%}
    {%- endif -%}
    {%- if ridge is boolean or ridge is not number or ridge < 0 -%}
        {%- do problems.append("logistic_newton: `ridge` must be a number ≥ 0, got " ~ ridge ~ ".") -%}
    {%- endif -%}
    {%- if steps is boolean or steps is not integer or steps < 1 -%}
        {%- do problems.append("logistic_newton: `steps` must be a whole number ≥ 1, got " ~ steps ~ ".") -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
