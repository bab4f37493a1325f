{#
    On-run-start: makes the schema of built_dates(), before two models do so at once.
#}
{% macro create_built_schema() -%}
    {%- if flags.WHICH in ['build', 'run', 'retry'] -%}
        create schema if not exists {{ segmentation.built_dates('user_features').include(identifier=false) }}
    {%- endif -%}
{%- endmacro %}
