{#
    A SELECT with the attributes of users or of their accounts as they were at the end of each as_of_date, from
    attribute_history. Per attribute two columns: its value, and <attribute>_is_tracked: there is a change on or before
    that date, so that the value (also an empty one) is to be believed. Use attribute() to fall back on the CRM's value.

    Reads the CTE `spine`. Has one row per (user_id, as_of_date) with at least one such change.

    Arguments: entity ('user' or 'account'), attributes (list of names).
    Call:      tracked as ({{ attributes_as_of('user', ['country', 'city']) }})
#}
{% macro attributes_as_of(entity, attributes) -%}
    select
        spine.user_id,
        spine.as_of_date,
        {%- for attribute in attributes %}
        max(case when changes.attribute = '{{ attribute }}' then changes.value end) as {{ attribute }},
        max(case when changes.attribute = '{{ attribute }}' then 1 else 0 end) = 1 as {{ attribute }}_is_tracked
        {{- ',' if not loop.last }}
        {%- endfor %}
    from spine
    inner join {{ ref('attribute_changes') }} as changes
        on
            spine.{{ entity }}_id = changes.entity_id
            and changes.entity = '{{ entity }}'
            and changes.attribute in ({{ segmentation.text_literals(attributes) }})
            and changes.valid_from_date <= spine.as_of_date
            and (changes.valid_to_date is null or changes.valid_to_date > spine.as_of_date)
    group by spine.user_id, spine.as_of_date
{%- endmacro %}
