{#
    Materialization of a table that is made anew in every build from a SELECT that may read the table as the build before left it, by
    `this`. Without it, an engine that drops a table before it makes the next one would find nothing there.

    Call: {{ config(materialized='rebuilt') }}
#}
{% materialization rebuilt, default %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set intermediate = make_intermediate_relation(target_relation) -%}
    {%- do drop_relation_if_exists(load_cached_relation(intermediate)) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- call statement('main') -%}
        {{ get_create_table_as_sql(False, intermediate, compiled_code) }}
    {%- endcall -%}
    {%- if existing is not none -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
    {%- do adapter.rename_relation(intermediate, target_relation) -%}
    {%- do persist_docs(target_relation, model) -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
