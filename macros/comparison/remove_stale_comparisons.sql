{#
    A post-hook of segment_comparison and its parts: deletes dates that are gone or that the build found nobody on, as a full
    refresh would.
#}
{% macro remove_stale_comparisons() -%}
    {%- set as_of_dates = ref('as_of_dates') -%}
    {%- set user_features = ref('user_features') -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as built
    where
        built.as_of_date not in (select as_of_dates.as_of_date from {{ as_of_dates }} as as_of_dates)
        or built.as_of_date not in (select user_features.as_of_date from {{ user_features }} as user_features)
    {%- endif -%}
{%- endmacro %}
