{# A post-hook of a mart by date: brings the stamp data_through of the dates that were not built again up to date. #}
{% macro refresh_data_through() -%}
    {%- set data_through = ref('data_through') -%}
    update {{ this }}
    set data_through = (select newest.data_through from {{ data_through }} as newest)
    where data_through != (select newest.data_through from {{ data_through }} as newest)
{%- endmacro %}
