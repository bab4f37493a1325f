{#
    Drops what prepared_sql() computed for the model that is being built.

    Call: {% do drop_prepared() %}
#}
{% macro drop_prepared() -%}
    {{ return(adapter.dispatch('drop_prepared', 'segmentation')()) }}
{%- endmacro %}

{% macro default__drop_prepared() -%}{%- endmacro %}

{% macro spark__drop_prepared() -%}
    {#- The last one first: it reads those before it. -#}
    {%- set views = run_query("show views like '" ~ model.alias ~ "__cte_*'").columns['viewName'].values() -%}
    {%- for name in views | sort(reverse=true) -%}
        {%- do run_query('drop view if exists ' ~ name) -%}
    {%- endfor -%}
{%- endmacro %}
