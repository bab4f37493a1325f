{#
    A left join of user_merges: the survivor whom a user was part of on a date, as user_merges.survivor_id; NULL if none.

    Arguments: relation (name of a relation in scope with user_id), date (SQL).
    Call:      from tickets inner join dates on … {{ join_merges('tickets', 'dates.as_of_date') }}
#}
{% macro join_merges(relation, date) -%}
left join {{ ref('user_merges') }} as user_merges
        on
            {{ relation }}.user_id = user_merges.user_id
            and user_merges.refused_because is null
            and {{ segmentation.holds_on('user_merges', date) }}
{%- endmacro %}
