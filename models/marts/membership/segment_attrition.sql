{#- The names of the criteria are known only when the graph is complete, the refs already at parse. -#}
{%- set attritions = [] -%}
{%- for segment in segmentation.segments_in_use() -%}
{%- set entry = segmentation.segment_entry(segment) -%}
{%- set texts = entry.get('segment', {}).get('texts', {}) -%}
{%- do attritions.append({
    'segment': segment, 'relation': ref(segment), 'texts': texts, 'criteria': texts.keys() | list or ['is_member'],
}) -%}
{%- endfor %}
-- One pass over the newest date of each segment's view counts all its criteria; then a row for each.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

population as (
    select cast(count(*) as bigint) as users
    from {{ ref('user_dates') }}
    where {{ segmentation.at_newest_date() }}
),
{%- for attrition in attritions %}
{%- set criteria = attrition.criteria %}

{{ attrition.segment }}_rows as (
    select * from {{ attrition.relation }}
    where {{ segmentation.at_newest_date() }}
),

{{ attrition.segment }}_counts as (
    select
        {%- for criterion in criteria %}
        {%- set others = criteria | reject('eq', criterion) | join(' and ') %}
        sum(case when {{ criterion }} then 1 else 0 end) as meeting_{{ loop.index }},
        sum(case when {{ criteria[:loop.index] | join(' and ') }} then 1 else 0 end) as after_{{ loop.index }},
        {%- if others %}
        sum(case when {{ others }} then 1 else 0 end) as others_{{ loop.index }},
        {%- endif %}
        {%- endfor %}
        count(*) as row_count
    from {{ attrition.segment }}_rows
),
{%- endfor %}

counts as (
    {%- for attrition in attritions %}
    {%- set segment = attrition.segment %}
    {%- set count = attrition.criteria | length %}
    {%- for criterion in attrition.criteria %}
    select
        '{{ segment }}' as segment,
        '{{ criterion }}' as criterion,
        {{ segmentation.text_or_null(attrition.texts.get(criterion)) }} as criterion_text,
        {{ loop.index }} as criterion_number,
        coalesce(meeting_{{ loop.index }}, 0) as users_meeting,
        -- NULL: everybody.
        {{ 'cast(null as bigint)' if loop.first else 'coalesce(after_' ~ loop.index0 ~ ', 0)' }} as users_before,
        coalesce(after_{{ loop.index }}, 0) as users_after,
        {{ 'cast(null as bigint)' if count == 1 else 'coalesce(others_' ~ loop.index ~ ', 0)' }}
            as users_meeting_others,
        coalesce(after_{{ count }}, 0) as users_meeting_all
    from {{ segment }}_counts
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

attrition as (
    select
        counts.segment,
        counts.criterion,
        counts.criterion_text,
        cast(counts.criterion_number as bigint) as criterion_number,
        population.users as base_users,
        cast(counts.users_meeting as bigint) as users_meeting,
        cast(counts.users_after as bigint) as users_after,
        cast(coalesce(counts.users_before, population.users) - counts.users_after as bigint) as removed_in_order,
        cast(population.users - counts.users_meeting as bigint) as removed_alone,
        -- Who meets all others, less who meets this one too.
        cast(coalesce(counts.users_meeting_others, population.users) - counts.users_meeting_all as bigint)
            as near_misses,
        data_through.data_through as as_of_date,
        data_through.data_through
    from counts
    inner join segments on counts.segment = segments.segment
    cross join population
    cross join data_through
)

select * from attrition
