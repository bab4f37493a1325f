{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['segment', 'as_of_date'],
    on_schema_change='append_new_columns',
    post_hook="{{ segmentation.remove_stale_memberships() }}"
) }}
{%- set hashes = segmentation.segment_hashes() %}
{%- set due = segmentation.due_segment_dates(hashes) %}

-- The only reader of the segments' views over all dates: everything else reads this table. A segment is evaluated
-- again on the dates where its definition, a segment it is defined by, or what they read has changed.
with
date_hashes as (
    select * from {{ ref('feature_date_hashes') }}
),

{% for segment in segmentation.registered_segments() -%}
{{ segment }} as (
    select * from {{ ref(segment) }}
),

{% endfor -%}
-- Hashed once per date, not once per member.
segment_dates as (
    {%- for segment in segmentation.registered_segments() %}
    select
        '{{ segment }}' as segment,
        {{ hashes.get(segment, {}).get('effective_hash', -1) }} as effective_hash,
        date_hashes.as_of_date
    from date_hashes
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

memberships as (
    {%- for segment in segmentation.registered_segments() %}
    select
        user_id,
        '{{ segment }}' as segment,
        {%- if hashes.get(segment, {}).get('definition_hash') %}
        definition_hash,
        {#- A view that is older than the project's files does not count as up to date. #}
        definition_hash = '{{ hashes[segment].definition_hash }}' as is_up_to_date,
        {%- else %}
        '{{ local_md5(segmentation.segment_entry(segment).get('definition', '')) }}' as definition_hash,
        true as is_up_to_date,
        {%- endif %}
        as_of_date
    from {{ segment }}
    where
        is_member
        and {{ segmentation.due_condition(due.get(segment)) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

stamped as (
    select
        memberships.user_id,
        memberships.segment,
        memberships.definition_hash,
        case when memberships.is_up_to_date then segment_dates.effective_hash else -1 end as effective_hash,
        memberships.as_of_date
    from memberships
    inner join segment_dates
        on
            memberships.segment = segment_dates.segment
            and memberships.as_of_date = segment_dates.as_of_date
)

select * from stamped
