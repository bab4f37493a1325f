{#
    CTEs of one step of Newton's method that fits a logistic regression: the last one, <name>, is one row with what to add
    to each coefficient: r0 (intercept), r1, r2, …

    Minimises Σ −log likelihood + ridge / 2 · Σ bⱼ² over the slopes (not the intercept): what scikit-learn's
    LogisticRegression(C=1/ridge) does. The ridge keeps the solution finite where a feature separates the outcomes, and
    unique where one is constant or repeats another. A step solves its linear system by Gauss-Jordan elimination without
    pivoting, which is safe since the matrix is symmetric and positive definite; one CTE per column, so that SQL stays
    short. All columns are NULL if an outcome is missing.

    Arguments: name (of the last CTE, prefix of the others), relation (name of a CTE whose columns x1, x2, … should be
               standardized), outcome (its column that is 0 or 1), before (name of a CTE of one row with the
               coefficients so far: b0, b1, …), features (number of x columns, 1 to 9), ridge (number ≥ 0).
    Call:      with …, {{ newton_step('step', 'training', 'has_left', 'last_step', 8, ridge=1) }}, …
    Errors:    a number outside of these bounds stops the parse.
    Source:    Hastie, Tibshirani and Friedman (2009), The Elements of Statistical Learning, 4.4.1.
#}
{% macro newton_step(name, relation, outcome, before, features, ridge) -%}
    {%- do segmentation._raise_problems(segmentation._newton_step_problems(features, ridge)) -%}
    {%- set last = features -%}
{{ name }}_predictors as (
    select
        {{ relation }}.{{ outcome }},
        {%- for i in range(1, last + 1) %}
        {{ relation }}.x{{ i }},
        {%- endfor %}
        {{ before }}.b0
        {%- for i in range(1, last + 1) %}
        + {{ before }}.b{{ i }} * {{ relation }}.x{{ i }}
        {%- endfor %} as predictor
    from {{ relation }}
    cross join {{ before }}
),

{{ name }}_probabilities as (
    select
        *,
        {{ segmentation.logistic('predictor') }} as probability
    from {{ name }}_predictors
),

{{ name }}_weights as (
    select
        *,
        probability * (1e0 - probability) as weight,
        {{ outcome }} - probability as residual
    from {{ name }}_probabilities
),

{{ name }}_sums as (
    select
        {%- for i in range(last + 1) %}
        {%- for j in range(i, last + 1) %}
        sum(weight{{ ' * x' ~ i if i }}{{ ' * x' ~ j if j }}) as a{{ i }}_{{ j }},
        {%- endfor %}
        sum(residual{{ ' * x' ~ i if i }}) as r{{ i }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_weights
),

-- The upper half of the matrix and the right side. The penalty belongs to both.
{{ name }}_eliminated_0 as (
    select
        {%- for i in range(last + 1) %}
        {%- for j in range(i, last + 1) %}
        {{ name }}_sums.a{{ i }}_{{ j }}{{ ' + cast(' ~ ridge ~ ' as double)' if i == j and i }} as a{{ i }}_{{ j }},
        {%- endfor %}
        {{ name }}_sums.r{{ i }}{{ ' - cast(' ~ ridge ~ ' as double) * ' ~ before ~ '.b' ~ i if i }} as r{{ i }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_sums
    cross join {{ before }}
)
{#- Gauss-Jordan: stage k takes column k out of all other rows. Below row k the rest stays symmetric, so that a<i>_<j> with
    i <= j is all there is to keep. #}
{%- for k in range(last + 1) %},

{{ name }}_eliminated_{{ k + 1 }} as (
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
    from {{ name }}_eliminated_{{ k }}
)
{%- endfor %},

{{ name }} as (
    select
        {%- for i in range(last + 1) %}
        r{{ i }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ name }}_eliminated_{{ last + 1 }}
)
{%- endmacro %}

{# What is wrong with the arguments of newton_step(), as a list of texts. #}
{% macro _newton_step_problems(features, ridge) -%}
    {%- set problems = [] -%}
    {%- if features is not integer or not 1 <= features <= 9 -%}
        {%- do problems.append("newton_step: `features` must be a whole number from 1 to 9, got " ~ features ~ ".") -%}
    {%- endif -%}
    {%- if ridge is boolean or ridge is not number or ridge < 0 -%}
        {%- do problems.append("newton_step: `ridge` must be a number ≥ 0, got " ~ ridge ~ ".") -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
