{#
    A post-hook of the rollups: deletes what a full refresh would not build: users whose events are gone from the
    input (erased), dates after data_through, and rows that older logic made.
#}
{% macro remove_stale_activity() -%}
    {%- set user_events = ref('user_events') -%}
    {%- set data_through = ref('data_through') -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where
        user_id not in (select user_id from {{ user_events }})
        or event_date > (select data_through from {{ data_through }})
        or logic_hash != '{{ segmentation.compiled_logic_hash() }}'
    {%- endif -%}
{%- endmacro %}
