{#
    SQL of the text that defines a view in the database, or of one that changes with it; NULL where there is no such view.

    Arguments: relation.
    Call:      select {{ view_definition(ref('stg_users')) }} as definition
#}
{% macro view_definition(relation) -%}
    {{ return(adapter.dispatch('view_definition', 'segmentation')(relation)) }}
{%- endmacro %}

{% macro default__view_definition(relation) -%}
    (
        select max(views.view_definition)
        from information_schema.views as views
        where
            views.table_catalog = {{ dbt.string_literal(relation.database) }}
            and views.table_schema = {{ dbt.string_literal(relation.schema) }}
            and views.table_name = {{ dbt.string_literal(relation.identifier) }}
    )
{%- endmacro %}

{% macro spark__view_definition(relation) -%}
    {%- if relation.identifier not in segmentation.table_names(none, relation.schema) -%}{{ return('cast(null as string)') }}{%- endif -%}
    {{ return(dbt.string_literal(local_md5(run_query('show create table ' ~ relation).rows[0][0]))) }}
{%- endmacro %}
