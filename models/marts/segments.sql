-- What is written in the segments' files, as a table; segment_entry() reads it from `graph`.
with
{%- for segment in segmentation.registered_segments() %}
{{ segment }}_hash as (
    select max(definition_hash) as definition_hash from {{ ref(segment) }}
),
{% endfor %}
definitions as (
    {%- for segment in segmentation.registered_segments() %}
    {%- set entry = segmentation.segment_entry(segment) %}
    select
        '{{ segment }}' as segment,
        {%- for field in ['label', 'type', 'tier', 'owner', 'goal', 'action', 'definition'] %}
        {{ segmentation.text_or_null(entry.get(field)) }} as {{ field }},
        {%- endfor %}
        definition_hash,
        {{ segmentation.segment_desirability(segment) }} as desirability,
        cast({{ segmentation.text_or_null(entry.get('reviewed_on')) }} as date) as reviewed_on
    from {{ segment }}_hash
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
