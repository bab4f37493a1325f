{# The CTE of one had_attribute(): <name> has a row per user and date with is_met. #}
{% macro _history_sql(name, measure, relations) -%}
{%- set key = measure.entity ~ '_id' -%}
{%- set matches = 'lower(changes.value) in (' ~ segmentation.text_literals(measure['values']) ~ ')' -%}
{%- set current = 'lower(cast(max(current_rows.' ~ measure.attribute ~ ') as ' ~ dbt.type_string() ~ ')) in ('
    ~ segmentation.text_literals(measure['values']) ~ ')' -%}
{{ name }} as (
    select
        user_features.user_id,
        user_features.as_of_date,
        {%- if measure.held_for_days %}
        {%- set first_day = segmentation.days_before('user_features.as_of_date', measure.held_for_days - 1) %}
        -- Known on the first of the days, and no other value on any of them.
        min(changes.valid_from_date) <= {{ first_day }}
        and sum(case
            when not coalesce({{ matches }}, false)
                and (changes.valid_to_date is null or changes.valid_to_date > {{ first_day }}) then 1
            else 0
        end) = 0 as is_met
        {%- elif measure.on %}
        case
            when user_features.as_of_date < cast('{{ measure.on }}' as date) then false
            when min(changes.valid_from_date) <= cast('{{ measure.on }}' as date)
                then sum(case
                    when {{ matches }}
                        and changes.valid_from_date <= cast('{{ measure.on }}' as date)
                        and (changes.valid_to_date is null or changes.valid_to_date > cast('{{ measure.on }}' as date)) then 1
                    else 0
                end) > 0
            else {{ current }}
        end as is_met
        {%- else %}
        sum(case when {{ matches }} then 1 else 0 end) > 0
        or (count(changes.entity_id) = 0 and {{ current }}) as is_met
        {%- endif %}
    from user_features
    left join {{ relations['stg_' ~ measure.entity ~ 's'] }} as current_rows on user_features.{{ key }} = current_rows.{{ key }}
    left join {{ relations.attribute_changes }} as changes
        on
            user_features.{{ key }} = changes.entity_id
            and changes.entity = '{{ measure.entity }}'
            and changes.attribute = '{{ measure.attribute }}'
            and changes.valid_from_date <= user_features.as_of_date
    group by user_features.user_id, user_features.as_of_date
)
{%- endmacro %}
