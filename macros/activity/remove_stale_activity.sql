{#
    A post-hook of the rollups: deletes what a full refresh would not build: users whose events are gone from the
    input (erased), dates after data_through, rows that older logic made, and days that only a link had filled which no
    longer counts.
#}
{% macro remove_stale_activity() -%}
    {%- set user_events = ref('user_events') -%}
    {%- set data_through = ref('data_through') -%}
    {%- set linked_days = ref('linked_days') -%}
    {%- if is_incremental() -%}
        {%- set is_stale -%}
        rows_of_table.user_id not in (select user_events.user_id from {{ user_events }} as user_events)
        or rows_of_table.event_date > (select newest.data_through from {{ data_through }} as newest)
        or rows_of_table.logic_hash != '{{ segmentation.compiled_logic_hash() }}'
        or (
            rows_of_table.links_hash != 0
            and not exists (
                select 1
                from {{ linked_days }} as linked_days
                where linked_days.event_date = rows_of_table.event_date and linked_days.links_hash = rows_of_table.links_hash
            )
        )
        {%- endset -%}
        {{ segmentation.delete_rows(this, is_stale) }}
    {%- endif -%}
{%- endmacro %}
