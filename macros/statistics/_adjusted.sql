{#
    What benjamini_hochberg() and holm() share: every row of a relation with the adjusted p value of its family beside it.

    Rows with the same p share their adjusted one, so it is worked out per family and distinct p and joined back: no row is
    doubled, and no order among equal ones is needed.

    Arguments: relation, p, partition_by (list), q as in benjamini_hochberg(); adjusted (SQL over p_values, which has per
               family and p: repeats, the rows with this p; tests, those of the family; not_above, those with at most this p).
#}
{% macro _adjusted(relation, p, partition_by, q, adjusted) -%}
    {%- set family = partition_by | join(', ') -%}
    select
        {{ relation }}.*,
        adjusted.{{ q }}
    from {{ relation }}
    left join (
        select
            {% for column in partition_by %}{{ column }}, {% endfor -%}
            {{ p }},
            {{ adjusted }} as {{ q }}
        from (
            select
                {% for column in partition_by %}{{ column }}, {% endfor -%}
                {{ p }},
                count(*) as repeats,
                sum(count(*)) over ({{ 'partition by ' ~ family if family }}) as tests,
                sum(count(*)) over (
                    {{ 'partition by ' ~ family if family }} order by {{ p }} rows between unbounded preceding and current row
                ) as not_above
            from {{ relation }}
            where {{ p }} is not null
            group by {% for column in partition_by %}{{ column }}, {% endfor %}{{ p }}
        ) as p_values
    ) as adjusted
        on {{ relation }}.{{ p }} = adjusted.{{ p }}
        {%- for column in partition_by %}
            and {{ relation }}.{{ column }} is not distinct from adjusted.{{ column }}
        {%- endfor %}
{%- endmacro %}
