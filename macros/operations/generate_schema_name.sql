{#
    Schemas are named for their layer (staging, features, marts, …), not prefixed with the target's schema, so that
    a BI tool reads `marts.segment_comparison`. Each developer has a database file of their own.

    A project that installs this one as a package gets it by `dispatch: [{macro_namespace: dbt, search_order: [<project>,
    segmentation, dbt]}]` in its dbt_project.yml.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(segmentation.default__generate_schema_name(custom_schema_name, node)) }}
{%- endmacro %}

{% macro default__generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}
