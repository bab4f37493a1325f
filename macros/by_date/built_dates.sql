{#
    The table that says on which dates a model by date is built, and from what: one row per date and part, with `version`, a
    fingerprint of the model's logic and of everything it reads on the date. It is in the schema `built`, under the model's name.

    Arguments: name (of a model that is materialized='by_date').
    Call:      left join {{ segmentation.built_dates('user_features') }} as built on …
#}
{% macro built_dates(name) -%}
    {%- set places = namespace(database=target.database or none) -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name == name -%}
        {%- set places.database = node.database or target.database or none -%}
    {%- endfor -%}
    {{ return(api.Relation.create(database=places.database, schema='built', identifier=name)) }}
{%- endmacro %}

{% macro _create_built_dates(built) -%}
    create table if not exists {{ built }} (
        part {{ dbt.type_string() }},
        as_of_date date,
        version {{ dbt.type_bigint() }},
        row_count {{ dbt.type_bigint() }},
        built_by {{ dbt.type_string() }}
    ) {{ segmentation.partitioned_by(['as_of_date']) }}
{%- endmacro %}
