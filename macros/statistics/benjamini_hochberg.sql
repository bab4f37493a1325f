{#
    Every row of a relation with its q value: the false discovery rate at which it would just be a discovery, among the
    rows of its family.

    The body of a CTE. Rows with NULL p get NULL and do not count as tests.

    Arguments: relation (name of a CTE), p (name of a column), partition_by (list of columns that make a family; [] for one
               family), q (name of the new column).
    Call:      {{ benjamini_hochberg('compared', 'p_value', ['as_of_date', 'family'], 'q_value') }}
    Source:    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289–300.
#}
{% macro benjamini_hochberg(relation, p, partition_by, q) -%}
    {%- set adjusted -%}
        min({{ p }} * tests / not_above) over (
            {{ 'partition by ' ~ partition_by | join(', ') if partition_by }}
            order by {{ p }} desc rows between unbounded preceding and current row
        )
    {%- endset -%}
    {{ segmentation._adjusted(relation, p, partition_by, q, adjusted) }}
{%- endmacro %}
