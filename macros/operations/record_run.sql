{#
    SQL that writes into the database which dbt command changes it: one row in `last_run`, in the schema of the state
    tables. The schema is made if it is missing: hooks run before dbt makes any, and the target's own may never exist. So is the table
    of columns_changed(), which several models would otherwise make at once.

    scripts/publish.py compares it with target/run_results.json: only so can it tell that the results are those of this file,
    that no other command has changed it since, that the build was not killed, and which variables of publishing it ran with. Commands
    that change no data (compile, test, docs) leave it alone.

    Arguments: is_finished (false on-run-start, true on-run-end).
    Call:      on-run-start: "{{ segmentation.record_run(false) }}"
    Renders:   create schema if not exists "warehouse"."state"; create or replace table "warehouse"."state"."last_run" as select '6f1c…' as invocation_id, 'build' as command, …
#}
{% macro record_run(is_finished) -%}
    {%- if flags.WHICH in ['build', 'run', 'seed', 'snapshot', 'retry', 'clone'] -%}
        {%- set place = segmentation._state_table('last_run') -%}
        {%- set seen_columns -%}
        create table if not exists {{ place.incorporate(path={'identifier': 'seen_columns'}) }} (
            input {{ dbt.type_string() }},
            column_name {{ dbt.type_string() }},
            column_type {{ dbt.type_string() }}
        ) {{ segmentation.partitioned_by([]) }}
        {%- endset -%}
        {%- set run -%}
        select
            {{ dbt.string_literal(invocation_id) }} as invocation_id,
            {{ dbt.string_literal(flags.WHICH) }} as command,
            {{ dbt.string_literal(segmentation.setting('min_cell_users')) }} as min_cell_users,
            {{ dbt.string_literal(segmentation.setting('max_gap_days')) }} as max_gap_days,
            {{ dbt.string_literal(segmentation.setting('max_active_users_fall')) }} as max_active_users_fall,
            {{ dbt.string_literal(segmentation.date_setting('accept_data_through') or '') }} as accept_data_through,
            {{ 'true' if segmentation.setting('include_today') else 'false' }} as include_today,
            {{ 'true' if is_finished else 'false' }} as is_finished
        {%- endset -%}
        {{ segmentation.run_statements(
            ['create schema if not exists ' ~ place.include(identifier=false), seen_columns] + segmentation.replace_table(place, run)
        ) }}
    {%- endif -%}
{%- endmacro %}

{# A table in the schema of the state tables. #}
{% macro _state_table(name) %}
    {% set places = namespace(schema='state') %}
    {% for node in (graph.nodes.values() if execute else []) if node.name == 'forgotten_users' %}
        {% set places.schema = node.schema %}
    {% endfor %}
    {{ return(api.Relation.create(database=target.database or none, schema=places.schema, identifier=name)) }}
{% endmacro %}
