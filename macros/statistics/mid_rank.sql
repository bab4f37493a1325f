{#
    The rank of a row's value among all values of its partition, ties at the middle of their ranks, as double; NULL for NULL,
    which does not count.

    A window expression. Means of these ranks go into randomization_z(), which then is Mann-Whitney's z corrected for
    ties (without continuity correction). Both groups must be ranked together.

    Arguments: value (SQL), partition_by (list of SQL; [] for all rows).
    Call:      {{ mid_rank('csat_score', ['as_of_date']) }} as csat_rank
    Source:    Mann and Whitney (1947), Annals of Mathematical Statistics 18, 50–60.
#}
{% macro mid_rank(value, partition_by) -%}
    {%- set value = segmentation._operand(value) -%}
    {%- set parts = partition_by + ['case when ' ~ value ~ ' is null then 1 else 0 end'] -%}
    case
        when {{ value }} is not null
            then rank() over (partition by {{ parts | join(', ') }} order by {{ value }})
                + (count(*) over (partition by {{ (parts + [value]) | join(', ') }}) - 1) / 2e0
    end
{%- endmacro %}
