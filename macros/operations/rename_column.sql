{#
    A pre-hook of an incremental table: gives a column that an earlier version of this project wrote its new name, so that a
    warehouse upgrades in place. Nothing once that is done.

    Arguments: old, new (names of columns).
    Call:      pre_hook=["{{ segmentation.rename_column('is_winsorised', 'is_winsorized') }}"]
#}
{% macro rename_column(old, new) -%}
    {%- if execute and is_incremental() -%}
        {%- set names = adapter.get_columns_in_relation(this) | map(attribute='name') | list -%}
        {%- if old in names and new not in names -%}
            alter table {{ this }} rename column {{ old }} to {{ new }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
