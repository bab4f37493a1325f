{#
    CTEs <name>_distances and <name>: the points with the number of the nearest of k centroids (`cluster`, 1 to k; of
    equally near ones the lowest) and their squared `distance` to it.

    Arguments: name (of the last CTE), points (name of a CTE with x1, x2, …, in standard deviations), id (its unique
               column), centroids (name of a CTE of one row with c<cluster>_<feature>: c1_1, c1_2, …), features (number
               of x columns), clusters (whole number from 2 to 9), by (a column of the centroids, which then have a row for
               each of its values: each point has a nearest one of each; default: none), same (true: the points have the
               column too, and belong to the centroids of its value).
    Call:      with …, {{ nearest_centroid('nearest', 'points', 'user_id', 'centroids', 5, clusters=4) }}, …
    Errors:    another number of clusters stops the parse.
#}
{% macro nearest_centroid(name, points, id, centroids, features, clusters, by=none, same=false) -%}
    {%- do segmentation._raise_problems(segmentation._nearest_centroid_problems(clusters)) -%}
{{ name }}_distances as (
    select
        {{ points }}.{{ id }},
        {%- if by %}
        {{ centroids }}.{{ by }},
        {%- endif %}
        {%- for j in range(1, features + 1) %}
        {{ points }}.x{{ j }},
        {%- endfor %}
        {%- for c in range(1, clusters + 1) %}
        {% for j in range(1, features + 1) -%}
        ({{ points }}.x{{ j }} - {{ centroids }}.c{{ c }}_{{ j }})
        * ({{ points }}.x{{ j }} - {{ centroids }}.c{{ c }}_{{ j }})
        {{- ' + ' if not loop.last }}
        {%- endfor %} as d{{ c }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ points }}
    {% if same -%}
    inner join {{ centroids }} on {{ points }}.{{ by }} = {{ centroids }}.{{ by }}
    {%- else -%}
    cross join {{ centroids }}
    {%- endif %}
),

{{ name }} as (
    select
        *,
        case least({% for c in range(1, clusters + 1) %}d{{ c }}{{ ', ' if not loop.last }}{% endfor %})
            {%- for c in range(1, clusters + 1) %}
            when d{{ c }} then {{ c }}
            {%- endfor %}
        end as cluster,
        least({% for c in range(1, clusters + 1) %}d{{ c }}{{ ', ' if not loop.last }}{% endfor %}) as distance
    from {{ name }}_distances
)
{%- endmacro %}

{# What is wrong with the arguments of nearest_centroid(), as a list of texts. #}
{% macro _nearest_centroid_problems(clusters) -%}
    {%- set problems = [] -%}
    {%- if clusters is boolean or clusters is not integer or not 2 <= clusters <= 9 -%}
        {%- do problems.append(
            "nearest_centroid: `clusters` must be a whole number from 2 to 9, got " ~ clusters ~ "."
        ) -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
