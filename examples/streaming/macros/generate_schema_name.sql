{# Schemas are named for their layer, as in the package. Without this macro dbt would write our models to main_inputs. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(segmentation.generate_schema_name(custom_schema_name, node)) }}
{%- endmacro %}
