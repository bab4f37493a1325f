{#
    The CTEs of one in_list() or was_in(), the last of them <name>: a row per user and date with is_met. Lists may hold text: the
    columns of a seed often do.
#}
{% macro _list_sql(name, measure, relations) -%}
{%- if measure.segment is defined -%}
{{ name }}_day as (
    select max(as_of_date) as replayed_date
    from dates
    where as_of_date <= cast('{{ measure.on }}' as date)
),

{{ name }} as (
    select
        user_features.user_id,
        user_features.as_of_date,
        true as is_met
    from user_features
    cross join {{ name }}_day
    inner join {{ relations[measure.segment] }} as replayed
        on
            user_features.user_id = replayed.user_id
            and replayed.as_of_date = {{ name }}_day.replayed_date
            and replayed.is_member
    where user_features.as_of_date >= cast('{{ measure.on }}' as date)
)
{%- else -%}
{{ name }}_rows as (
    select
        {{ segmentation.trimmed_text('user_id') }} as user_id,
        cast(nullif(cast(added_on as {{ dbt.type_string() }}), '') as date) as added_on,
        cast(nullif(cast(removed_on as {{ dbt.type_string() }}), '') as date) as removed_on
    from {{ relations[measure.relation] }}
    {%- if measure.relation != measure.list %}
    where list_name = {{ segmentation.text_literal(measure.list) }}
    {%- endif %}
),

{{ name }} as (
    select
        user_features.user_id,
        user_features.as_of_date,
        true as is_met
    from user_features
    inner join {{ name }}_rows as listed
        on
            user_features.user_id = listed.user_id
            and (listed.added_on is null or listed.added_on <= user_features.as_of_date)
            and (listed.removed_on is null or listed.removed_on > user_features.as_of_date)
    group by user_features.user_id, user_features.as_of_date
)
{%- endif %}
{%- endmacro %}
