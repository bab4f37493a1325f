{#
    What models of the project's own say of traits, for date_input_hashes: SELECTs of kind, known_date and row_hash, each followed by
    UNION ALL; nothing without such traits. A row that changes makes the dates from its own on due.

    Call: {{- trait_facts() }}
#}
{% macro trait_facts() -%}
{%- for trait in segmentation.traits() if segmentation._is_of_model(trait) %}
{%- set dated_by = trait.get('dated_by', 'as_of_date') %}
    select
        'traits' as kind,
        cast({{ dated_by }} as date) as known_date,
        {{ segmentation.fingerprint(["'" ~ trait.name ~ "'", 'user_id', dated_by, trait.name], ['user_id', trait.name]) }} as row_hash
    from {{ ref(trait['in']) }}
    union all
{%- endfor %}
{%- endmacro %}
