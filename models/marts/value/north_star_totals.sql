{%- set partitions = segmentation.mix_shift_partitions() -%}
{%- set base = segmentation.setting('north_star_base') -%}
{%- set windows = {'previous_period': segmentation.setting('north_star').days, 'base_period': base.days} -%}
{{ config(
    materialized='by_date',
    reads_whole={'segments': ['segment', 'is_lifecycle']},
    upstream=['user_features', 'user_key_events', 'user_segments'],
    sized_by='user_features'
) }}

-- The only part of the mix shift that reads users. Who is in which is behind user_lifecycle_segments:
-- depends_on: {{ ref('segments') }}
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.in_slice() }}
),

user_lifecycle_segments as (
    select * from {{ ref('user_lifecycle_segments') }}
    where {{ segmentation.in_slice() }}
),

key_events as (
    select * from {{ ref('user_key_events') }}
    where
        event_name = {{ segmentation.text_literal(segmentation.setting('north_star').event or '') }}
        and {{ segmentation.in_slice() }}
),

user_values as (
    select
        user_features.*,
        user_lifecycle_segments.segment as lifecycle_segment,
        -- The name of before, for a partition of a project's own; gone in the next version.
        user_lifecycle_segments.segment as primary_segment,
        {{ segmentation.north_star_value(windows.previous_period) }} as previous_period_value,
        {{ segmentation.north_star_value(windows.base_period) }} as base_period_value
    from user_features
    left join user_lifecycle_segments
        on
            user_features.user_id = user_lifecycle_segments.user_id
            and user_features.as_of_date = user_lifecycle_segments.as_of_date
    left join key_events
        on
            user_features.user_id = key_events.user_id
            and user_features.as_of_date = key_events.as_of_date
),

labelled as (
    select
        {%- for comparison in windows %}
        {{ comparison }}_value,
        {%- endfor %}
        {%- for partition in partitions %}
        coalesce(
            cast({{ partition.expression | trim }} as {{ dbt.type_string() }}), '__none__'
        ) as {{ partition.name }}_group,
        {%- endfor %}
        as_of_date
    from user_values
),

group_totals as (
    {%- for partition in partitions %}
    {%- set is_last = loop.last %}
    {%- for comparison, days in windows.items() %}
    select
        '{{ comparison }}' as comparison,
        '{{ partition.name }}' as partition_name,
        {{ partition.name }}_group as group_name,
        cast(count(*) as bigint) as users,
        cast({{ days }} as bigint) as window_days,
        sum({{ comparison }}_value) as total,
        as_of_date
    from labelled
    group by {{ partition.name }}_group, as_of_date
    {{ 'union all' if not (loop.last and is_last) }}
    {%- endfor %}
    {%- endfor %}
)

select * from group_totals
