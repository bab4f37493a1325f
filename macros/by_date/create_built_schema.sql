{#
    On-run-start: makes the schema of built_dates(), and the table of what a run has found out about rows, before two models do so at
    once. What earlier runs found out goes.
#}
{% macro create_built_schema() -%}
    {%- if flags.WHICH in ['build', 'run', 'retry'] -%}
        {%- set contents -%}
        create table {{ segmentation.built_dates('contents_of_run') }} (
            id {{ dbt.type_string() }},
            content {{ dbt.type_string() }},
            built_by {{ dbt.type_string() }}
        ) {{ segmentation.partitioned_by([]) }}
        {%- endset -%}
        {{ segmentation.run_statements([
            'create schema if not exists ' ~ segmentation.built_dates('user_features').include(identifier=false),
            'drop table if exists ' ~ segmentation.built_dates('contents_of_run'),
            contents,
        ]) }}
    {%- endif -%}
{%- endmacro %}
