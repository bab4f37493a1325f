{#
    Gives a column of a table by date another value where it differs, on all dates. As delete_rows(): it returns the SQL, or does the work.

    Arguments: relation, column (name), value (SQL over the row's columns).
    Call:      {{ update_column(this, 'data_through', "cast('2026-05-31' as date)") }}
#}
{% macro update_column(relation, column, value) -%}
    {{ return(adapter.dispatch('update_column', 'segmentation')(relation, column, value)) }}
{%- endmacro %}

{% macro default__update_column(relation, column, value) -%}
    update {{ relation }}
    set {{ column }} = {{ value }}
    where {{ column }} != {{ value }}
{%- endmacro %}

{# Partitions in which it differs are written again. #}
{% macro spark__update_column(relation, column, value) -%}
    {%- set names = [] -%}
    {%- for name in segmentation.column_types(relation) -%}
        {%- do names.append(value ~ ' as ' ~ column if name == column else adapter.quote(name)) -%}
    {%- endfor -%}
    {%- set differs = 'select distinct as_of_date from ' ~ relation ~ ' where ' ~ column ~ ' != ' ~ value -%}
    {%- set found = segmentation._text_rows(differs) -%}
    {%- if found %}
    insert overwrite table {{ relation }}
    select {{ names | join(', ') }} from {{ relation }} where {{ segmentation._of_partitions(['as_of_date'], found) }}
    {%- endif -%}
{%- endmacro %}
