{#
    A post-hook of user_features: deletes users and dates that are no longer in the population.
#}
{% macro remove_stale_user_features() -%}
    {%- set user_dates = ref('user_dates') -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as built
    where not exists (
        select 1
        from {{ user_dates }} as user_dates
        where user_dates.user_id = built.user_id and user_dates.as_of_date = built.as_of_date
    )
    {%- endif -%}
{%- endmacro %}
