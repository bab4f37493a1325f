-- What is written in the segments' files, as a table; segment_entry() reads it from `graph`.
{%- for segment in segmentation.registered_segments() %}
-- depends_on: {{ ref(segment) }}
{%- endfor %}
with
definitions as (
    {%- for segment in segmentation.segments_in_use() %}
    {%- set entry = segmentation.segment_entry(segment) %}
    select
        '{{ segment }}' as segment,
        {%- for field in [
            'label', 'type', 'owner', 'owner_product', 'owner_gtm', 'goal', 'action', 'objective', 'metric', 'lawful_basis', 'lawful_basis_note', 'definition',
        ] %}
        {{ segmentation.text_or_null(entry.get(field)) }} as {{ field }},
        {%- endfor %}
        {{ segmentation.text_or_null(segmentation.segment_families(segment) or none) }} as families,
        {%- set is_lifecycle = entry.get('lifecycle', false) is true %}
        {{ segmentation.text_or_null(
            none if entry.get('status') == 'retired' else entry.get('tier') or ('lifecycle' if is_lifecycle else none)
        ) }} as tier,
        {{ is_lifecycle | lower }} as is_lifecycle,
        {{ segmentation.text_literal(entry.get('status') or 'active') }} as status,
        cast({{ segmentation.text_or_null(entry.get('retired_on')) }} as date) as retired_on,
        cast({{ 'null' if entry.get('target') is none else entry.get('target') }} as double) as target,
        cast({{ segmentation.text_or_null(entry.get('target_date')) }} as date) as target_date,
        {%- set definition_hash = entry.get('segment', {}).get('definition_hash') %}
        '{{ definition_hash or local_md5(entry.get('definition', '')) }}' as definition_hash,
        {{ segmentation.segment_desirability(segment) }} as desirability,
        {#- In another project a segment of ours is reviewed by its update, and not on that day of other data. #}
        {%- set is_foreign = entry.get('package') == 'segmentation' and project_name != 'segmentation' %}
        cast({{ segmentation.text_or_null(none if is_foreign else entry.get('reviewed_on')) }} as date) as reviewed_on
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

data_through as (
    select * from {{ ref('data_through') }}
),

stamped as (
    select
        definitions.*,
        data_through.data_through as as_of_date,
        data_through.data_through
    from definitions
    cross join data_through
)

select * from stamped
