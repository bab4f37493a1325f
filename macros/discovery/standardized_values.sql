{#
    The body of a CTE: the rows of a relation with x1, x2, … in place of value_1, value_2, …, in standard deviations; 0,
    the mean, where the value is unknown or the same for everybody.

    Arguments: relation (name of a CTE or model with value_1, …), scales (name of a CTE of one row with mean_1,
               deviation_1, …), features (number of values), kept (list of further columns of the relation).
    Call:      points as ({{ standardized_values('cluster_values', 'scales', 5, ['user_id']) }})
#}
{% macro standardized_values(relation, scales, features, kept) -%}
    select
        {%- for column in kept %}
        {{ relation }}.{{ column }},
        {%- endfor %}
        {%- for j in range(1, features + 1) %}
        coalesce(
            {{ segmentation.standardized(
                relation ~ '.value_' ~ j, scales ~ '.mean_' ~ j, scales ~ '.deviation_' ~ j
            ) }}, 0e0
        ) as x{{ j }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    cross join {{ scales }}
{%- endmacro %}
