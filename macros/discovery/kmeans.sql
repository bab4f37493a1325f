{#
    CTEs that form k clusters by Lloyd's algorithm: <name>_0 to <name>_<iterations>, one row each with the centroids c1_1 to
    c<clusters>_<features> after so many iterations, and <name>_assigned with the rows of the relation, their cluster (1 to
    k, the nearest of the last centroids; of equally near ones the lowest) and their squared `distance` to it.

    Starts from rows at even steps along the sum of all columns: no chance is involved, so that the same data give the same
    clusters. A cluster that no row is nearest to keeps its centroid.

    Arguments: name (prefix of the CTEs), relation (its columns x1, x2, … should be standardised), id (column that is unique),
               features (number of x columns), clusters (whole number from 2 to 9), iterations (whole number ≥ 1).
    Call:      with …, {{ kmeans('kmeans', 'standardised', 'user_id', 5, clusters=4, iterations=15) }}, …
    Errors:    numbers outside of these bounds stop the parse.
    Source:    Lloyd (1982), Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 129–137.
#}
{% macro kmeans(name, relation, id, features, clusters, iterations) -%}
    {%- set problems = segmentation._kmeans_problems(clusters, iterations) -%}
    {%- if problems -%}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{%- endif -%}
{{ name }}_places as (
    select
        *,
        row_number() over (
            order by {% for j in range(1, features + 1) %}x{{ j }}{{ ' + ' if not loop.last }}{% endfor %}, {{ id }}
        ) as place,
        count(*) over () as places
    from {{ relation }}
),

{{ name }}_0 as (
    select
        {%- for c in range(1, clusters + 1) %}
        {%- set is_last = loop.last %}
        {%- for j in range(1, features + 1) %}
        max(case when place = 1 + floor({{ c - 0.5 }}e0 * places / {{ clusters }}e0) then x{{ j }} end)
            as c{{ c }}_{{ j }}
        {{- ',' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from {{ name }}_places
)
{%- for iteration in range(1, iterations + 1) %},

{{ segmentation._nearest_centroids(name ~ '_' ~ iteration, relation, id, name ~ '_' ~ (iteration - 1), features, clusters) }},

{{ name }}_{{ iteration }}_means as (
    select
        {%- for c in range(1, clusters + 1) %}
        {%- set is_last = loop.last %}
        {%- for j in range(1, features + 1) %}
        avg(case when cluster = {{ c }} then x{{ j }} end) as c{{ c }}_{{ j }}{{ ',' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from {{ name }}_{{ iteration }}_assigned
),

{{ name }}_{{ iteration }} as (
    select
        {%- for c in range(1, clusters + 1) %}
        {%- set is_last = loop.last %}
        {%- for j in range(1, features + 1) %}
        coalesce({{ name }}_{{ iteration }}_means.c{{ c }}_{{ j }}, {{ name }}_{{ iteration - 1 }}.c{{ c }}_{{ j }})
            as c{{ c }}_{{ j }}
        {{- ',' if not (is_last and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from {{ name }}_{{ iteration }}_means
    cross join {{ name }}_{{ iteration - 1 }}
)
{%- endfor %},

{{ segmentation._nearest_centroids(name, relation, id, name ~ '_' ~ iterations, features, clusters) }}
{%- endmacro %}

{# CTEs <name>_distances and <name>_assigned: the rows of a relation with the number of the nearest centroid. #}
{% macro _nearest_centroids(name, relation, id, centroids, features, clusters) -%}
{{ name }}_distances as (
    select
        {{ relation }}.{{ id }},
        {%- for j in range(1, features + 1) %}
        {{ relation }}.x{{ j }},
        {%- endfor %}
        {%- for c in range(1, clusters + 1) %}
        {% for j in range(1, features + 1) -%}
        ({{ relation }}.x{{ j }} - {{ centroids }}.c{{ c }}_{{ j }})
        * ({{ relation }}.x{{ j }} - {{ centroids }}.c{{ c }}_{{ j }})
        {{- ' + ' if not loop.last }}
        {%- endfor %} as d{{ c }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    cross join {{ centroids }}
),

{{ name }}_assigned as (
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

{# What is wrong with the arguments of kmeans(), as a list of texts. #}
{% macro _kmeans_problems(clusters, iterations) -%}
    {%- set problems = [] -%}
    {%- if clusters is boolean or clusters is not integer or not 2 <= clusters <= 9 -%}
        {%- do problems.append("kmeans: `clusters` must be a whole number from 2 to 9, got " ~ clusters ~ ".") -%}
    {%- endif -%}
    {%- if iterations is boolean or iterations is not integer or iterations < 1 -%}
        {%- do problems.append("kmeans: `iterations` must be a whole number ≥ 1, got " ~ iterations ~ ".") -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
