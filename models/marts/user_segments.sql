{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['segment', 'as_of_date'],
    on_schema_change='append_new_columns',
    post_hook="{{ segmentation.remove_stale_memberships() }}"
) }}
{%- set hashes = segmentation.segment_hashes() %}
{%- set due = segmentation.due_segment_dates(hashes) %}

-- The only reader of the segments' views over all dates: everything else reads this table. A segment is evaluated again on
-- the dates where its definition, a segment it is defined by, or what they read has changed.
with
date_hashes as (
    select * from {{ ref('feature_date_hashes') }}
),

{% for segment in segmentation.registered_segments() -%}
{{ segment }} as (
    select * from {{ ref(segment) }}
),

{% endfor -%}
memberships as (
    {%- for segment in segmentation.registered_segments() %}
    select
        {{ segment }}.user_id,
        '{{ segment }}' as segment,
        {%- if hashes.get(segment, {}).get('definition_hash') %}
        {{ segment }}.definition_hash,
        {%- else %}
        '{{ local_md5(segmentation.segment_entry(segment).get('definition', '')) }}' as definition_hash,
        {%- endif %}
        {#- A view that is older than the project's files does not count as up to date. #}
        {%- if hashes.get(segment, {}).get('definition_hash') %}
        case
            when {{ segment }}.definition_hash = '{{ hashes[segment].definition_hash }}'
                then {{ hashes[segment].effective_hash }}
            else -1
        end as effective_hash,
        {%- else %}
        {{ hashes[segment].effective_hash if segment in hashes else -1 }} as effective_hash,
        {%- endif %}
        {{ segment }}.as_of_date
    from {{ segment }}
    inner join date_hashes on {{ segment }}.as_of_date = date_hashes.as_of_date
    where
        {{ segment }}.is_member
        {%- if due.get(segment) is not none and segment in due %}
        and {{ segment }}.as_of_date in (
            {%- for date in due[segment] %}cast('{{ date }}' as date){{ ', ' if not loop.last }}{%- else %}cast(null as date){%- endfor -%}
        )
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from memberships
