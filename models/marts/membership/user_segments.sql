{{ config(
    materialized='by_date',
    reads=['activity', 'crm', 'present'],
    upstream=['user_features'],
    part_column='segment',
    pre_hook="{{ segmentation.check_segment_views() }}"
) }}

-- The only reader of the segments' views over all dates: everything else reads this table. A segment is evaluated
-- again on the dates where its definition, a segment it is defined by, or what they read has changed.
with
{% for segment in segmentation.segments_in_use() -%}
{{ segment }} as (
    select * from {{ ref(segment) }}
    where
        is_member
        and {{ segmentation.in_slice(part=segment) }}
        and as_of_date <= cast('{{ segmentation.segment_entry(segment).get('retired_on') or '9999-12-31' }}' as date)
),

{% endfor -%}
memberships as (
    {%- for segment in segmentation.segments_in_use() %}
    {%- set entry = segmentation.segment_entry(segment) %}
    select
        user_id,
        '{{ segment }}' as segment,
        {%- if entry.get('segment') %}
        definition_hash,
        {%- else %}
        '{{ local_md5(entry.get('definition', '')) }}' as definition_hash,
        {%- endif %}
        as_of_date
    from {{ segment }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from memberships
