{#
    True if a row that holds from valid_from_date until the day before valid_to_date holds on a date. An end that is NULL is open.

    Arguments: relation (name of a relation in scope with these two columns), date (SQL).
    Call:      {{ holds_on('user_accounts', 'dates.as_of_date') }}
    Renders:   ((user_accounts.valid_from_date is null or user_accounts.valid_from_date <= dates.as_of_date) and (…))
#}
{% macro holds_on(relation, date) -%}
    (
        ({{ relation }}.valid_from_date is null or {{ relation }}.valid_from_date <= {{ date }})
        and ({{ relation }}.valid_to_date is null or {{ relation }}.valid_to_date > {{ date }})
    )
{%- endmacro %}
