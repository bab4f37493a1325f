{#
    The body of a CTE: centroids, one row per cluster and feature, as one row with c<cluster>_<feature> (c1_1, c1_2, …),
    and with the mean and standard deviation of each feature as mean_<feature> and deviation_<feature>.

    Arguments: relation (name of a CTE with the columns of cluster_fit), features, clusters (numbers of them),
               by (a column of the relation: a row for each of its values, which it names; default: none).
    Call:      centroids as ({{ centroids_in_a_row('last_step', 5, 4) }})
#}
{% macro centroids_in_a_row(relation, features, clusters, by=none) -%}
    select
        {{ by ~ ',' if by }}
        {%- for j in range(1, features + 1) %}
        {%- for c in range(1, clusters + 1) %}
        max(case when cluster = {{ c }} and feature_number = {{ j }} then centroid_standardized end)
            as c{{ c }}_{{ j }},
        {%- endfor %}
        max(case when feature_number = {{ j }} then feature_mean end) as mean_{{ j }},
        max(case when feature_number = {{ j }} then feature_standard_deviation end) as deviation_{{ j }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {{ 'group by ' ~ by if by }}
{%- endmacro %}
