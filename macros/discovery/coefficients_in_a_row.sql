{#
    The body of a CTE: coefficients, one row per term, as one row with b0 (intercept), b1, b2, …, and with the mean and
    standard deviation of each feature as mean_<feature> and deviation_<feature>.

    Arguments: relation (name of a CTE with the columns of churn_fit), features (number of them).
    Call:      coefficients as ({{ coefficients_in_a_row('last_step', 8) }})
#}
{% macro coefficients_in_a_row(relation, features) -%}
    select
        {%- for j in range(1, features + 1) %}
        max(case when term_number = {{ j }} then coefficient end) as b{{ j }},
        max(case when term_number = {{ j }} then feature_mean end) as mean_{{ j }},
        max(case when term_number = {{ j }} then feature_standard_deviation end) as deviation_{{ j }},
        {%- endfor %}
        max(case when term_number = 0 then coefficient end) as b0
    from {{ relation }}
{%- endmacro %}
