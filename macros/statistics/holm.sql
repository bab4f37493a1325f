{#
    Every row of a relation with its p value corrected for the number of tests in its family: below α, not even one false
    alarm in the family is likelier than α. Stricter than benjamini_hochberg(); meant for guardrails.

    The body of a CTE. Rows with NULL p get NULL and do not count as tests.

    Arguments: as in benjamini_hochberg().
    Call:      {{ holm('guardrails', 'p_value', ['experiment'], 'q_value') }}
    Source:    Holm (1979), Scandinavian Journal of Statistics 6, 65–70.
#}
{% macro holm(relation, p, partition_by, q) -%}
    {%- set adjusted -%}
        max(least({{ p }} * (tests - not_above + repeats), 1e0)) over (
            {{ 'partition by ' ~ partition_by | join(', ') if partition_by }}
            order by {{ p }} rows between unbounded preceding and current row
        )
    {%- endset -%}
    {{ segmentation._adjusted(relation, p, partition_by, q, adjusted) }}
{%- endmacro %}
