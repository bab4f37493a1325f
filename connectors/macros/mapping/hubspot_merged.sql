{#
    A SELECT of the ids of records that were merged into others of the same table, once each. HubSpot keeps their rows at loaders and does not
    mark them; the record that survives lists them, and of the two lists neither is always whole (fivetran/dbt_hubspot, issues 46, 168, 172).

    Arguments: relation (with the columns merged_ids and merged_vids).
    Call:      {{ hubspot_merged('contacts') }}
#}
{% macro hubspot_merged(relation) -%}
    select distinct split_part(trim(unnest(string_split(concat_ws(';', merged_ids, merged_vids), ';'))), ':', 1) as merged_id
    from {{ relation }}
    where merged_ids is not null or merged_vids is not null
{%- endmacro %}
