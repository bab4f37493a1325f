{#
    A pre-hook of a table in schema `state`, which no full refresh rebuilds: gives a column that an earlier version of this
    project wrote its new name. Nothing once that is done.

    Arguments: old, new (names of columns).
    Call:      pre_hook=["{{ segmentation.rename_state_column('centroid_standardised', 'centroid_standardized') }}"]
#}
{% macro rename_state_column(old, new) -%}
    {%- if execute and is_incremental() -%}
        {%- set names = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
        {%- if old in names and new not in names -%}
            alter table {{ this }} rename column {{ old }} to {{ new }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
