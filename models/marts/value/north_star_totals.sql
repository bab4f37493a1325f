{%- set partitions = segmentation.mix_shift_partitions() -%}
{%- set base = segmentation.setting('north_star_base') -%}
{%- set own_days = segmentation._north_star_days() -%}
{#- Over the base's days only where the metric can be had over them. -#}
{%- set windows = {'previous_period': own_days, 'base_period': base.days if own_days else none} -%}
{{ config(
    materialized='by_date',
    reads_whole={'segments': ['segment', 'is_lifecycle']},
    upstream=['user_features', 'user_segments'],
    sized_by='user_features'
) }}
{%- set old_form = segmentation.setting('north_star') if segmentation.setting('north_star') is mapping else none %}
{%- set name = segmentation._north_star_name() %}
{%- if execute and old_form %}
{%- do exceptions.warn(
    'vars: north_star: an event and days is the old form. Name a metric: `north_star: ' ~ name ~ '`'
    ~ (', and mark the event with `is_core: true` in `vars: events`' if old_form.event else '') ~ '.'
) %}
{%- endif %}

-- The only part of the mix shift that reads users; those without the metric are left out. Who is in which is behind
-- user_lifecycle_segments:
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

valued as (
    select
        {%- for comparison, days in windows.items() %}
        {{ segmentation.north_star_value(days) }} as {{ comparison }}_value,
        {%- endfor %}
        user_features.*
    from user_features
),

user_values as (
    select
        valued.*,
        user_lifecycle_segments.segment as lifecycle_segment,
        -- The name of before, for a partition of a project's own; gone in the next version.
        user_lifecycle_segments.segment as primary_segment
    from valued
    left join user_lifecycle_segments
        on
            valued.user_id = user_lifecycle_segments.user_id
            and valued.as_of_date = user_lifecycle_segments.as_of_date
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
        cast({{ days if days else 'null' }} as bigint) as window_days,
        sum({{ comparison }}_value) as total,
        as_of_date
    from labelled
    where {{ comparison }}_value is not null
    group by {{ partition.name }}_group, as_of_date
    {{ 'union all' if not (loop.last and is_last) }}
    {%- endfor %}
    {%- endfor %}
)

select * from group_totals
