{#
    A SELECT of the ids of records that were merged into others of the same table, once each: merged_id, survivor_id, and merged_at where a list
    says it (milliseconds since 1970, as text). HubSpot keeps their rows at loaders and does not
    mark them; the record that survives lists them, and of the two lists neither is always whole (fivetran/dbt_hubspot, issues 46, 168, 172).

    Arguments: relation (with the columns id, merged_ids and merged_vids).
    Call:      {{ hubspot_merged('contacts') }}
#}
{% macro hubspot_merged(relation) -%}
    select
        split_part(trim(part), ':', 1) as merged_id,
        min(survivor_id) as survivor_id,
        min(nullif(split_part(trim(part), ':', 2), '')) as merged_at
    from (
        select id as survivor_id, unnest(string_split(concat_ws(';', merged_ids, merged_vids), ';')) as part
        from {{ relation }}
        where merged_ids is not null or merged_vids is not null
    )
    group by split_part(trim(part), ':', 1)
{%- endmacro %}
