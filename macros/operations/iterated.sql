{#
    Materialization of a table that a loop computes: the model's SQL is one step, and reads the table as the step before
    left it, from last_step(). The first step reads the rows of the model that `start` names, which has the same columns.

    On an engine whose transactions hold tables too, such as DuckDB, a build that is killed leaves the table as it was.
    On another one the tables of the steps that it leaves behind are dropped by the next build. dbt warns of constraints
    in a materialization of our own; this one has them, so its YAML says `warn_unsupported: false`.

    Config: start (name of a model, which the SQL hands to last_step()), steps (whole number ≥ 1).
    Call:   {{ config(materialized='iterated', start='cluster_starts', steps=20) }}
    Errors: another number of steps stops the build.
#}
{% materialization iterated, default %}
    {%- set steps = config.require('steps') -%}
    {%- do segmentation._raise_problems(segmentation._argument_problems('iterated', [['steps', steps, 'days']])) -%}
    {%- set start = ref(config.require('start')) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set last_step = segmentation.last_step(start) -%}
    {%- set next_step = last_step.incorporate(path={'identifier': this.identifier ~ '__next_step'}) -%}
    {%- set intermediate = make_intermediate_relation(target) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set backup = make_backup_relation(target, 'table' if existing is none else existing.type) -%}
    {%- for left_behind in [last_step, next_step, intermediate, backup] -%}
        {%- do drop_relation_if_exists(load_cached_relation(left_behind)) -%}
    {%- endfor -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('start') -%}
        create table {{ last_step }} {{ segmentation.partitioned_by([]) }} as select * from {{ start }}
    {%- endcall -%}
    {%- for step in range(steps) -%}
        {%- call statement('step') -%}
            create table {{ next_step }} {{ segmentation.partitioned_by([]) }} as {{ sql }}
        {%- endcall -%}
        {%- do adapter.drop_relation(last_step) -%}
        {%- do adapter.rename_relation(next_step, last_step) -%}
    {%- endfor -%}
    {#- The contract is checked once. -#}
    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, intermediate, 'select * from ' ~ last_step) }}
    {%- endcall -%}
    {%- do adapter.drop_relation(last_step) -%}

    {%- if existing is not none -%}
        {%- do adapter.rename_relation(existing, backup) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate, target) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target, model) -%}
    {{ adapter.commit() }}
    {%- do drop_relation_if_exists(backup) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}
