{#- The drafts are known when the graph is complete; at parse every segment is in the list, and dbt records its ref. -#}
with
data_through as (
    select * from {{ ref('data_through') }}
),

population as (
    select cast(count(*) as bigint) as population_users
    from {{ ref('user_dates') }}
    where {{ segmentation.at_newest_date() }}
),

user_segments as (
    select
        user_id,
        segment
    from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

drafts as (
    {%- for segment in segmentation.draft_segments() %}
    {%- set entry = segmentation.segment_entry(segment) %}
    select
        '{{ segment }}' as segment,
        {%- for field in ['label', 'type', 'tier', 'owner', 'goal', 'action', 'definition'] %}
        {{ segmentation.text_or_null(entry.get(field)) }} as {{ field }},
        {%- endfor %}
        cast({{ segmentation.text_or_null(entry.get('reviewed_on')) }} as date) as reviewed_on
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as segment,
        {%- for field in ['label', 'type', 'tier', 'owner', 'goal', 'action', 'definition'] %}
        cast(null as {{ dbt.type_string() }}) as {{ field }},
        {%- endfor %}
        cast(null as date) as reviewed_on
    from data_through
    where 1 = 0
),

members as (
    {%- for segment in segmentation.draft_segments() %}
    select
        '{{ segment }}' as segment,
        user_id
    from {{ ref(segment) }}
    where
        is_member
        and {{ segmentation.at_newest_date() }}
    union all
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as segment,
        cast(null as {{ dbt.type_string() }}) as user_id
    from data_through
    where 1 = 0
),

draft_sizes as (
    select
        segment,
        cast(count(*) as bigint) as users
    from members
    group by segment
),

sizes as (
    select
        segment,
        cast(count(*) as bigint) as users
    from user_segments
    group by segment
),

shared_users as (
    select
        members.segment,
        user_segments.segment as other_segment,
        cast(count(*) as bigint) as users
    from members
    inner join user_segments on members.user_id = user_segments.user_id
    group by members.segment, user_segments.segment
),

similarities as (
    select
        shared_users.segment,
        shared_users.other_segment,
        shared_users.users / cast(draft_sizes.users + sizes.users - shared_users.users as double) as jaccard,
        row_number() over (
            partition by shared_users.segment
            order by
                shared_users.users / cast(draft_sizes.users + sizes.users - shared_users.users as double) desc,
                shared_users.other_segment asc
        ) as place
    from shared_users
    inner join draft_sizes on shared_users.segment = draft_sizes.segment
    inner join sizes on shared_users.other_segment = sizes.segment
),

stamped as (
    select
        drafts.segment,
        drafts.label,
        drafts.type,
        drafts.tier,
        drafts.owner,
        drafts.goal,
        drafts.action,
        drafts.definition,
        similarities.other_segment as most_similar_segment,
        coalesce(draft_sizes.users, 0) as users,
        population.population_users,
        coalesce(draft_sizes.users, 0) / cast(nullif(population.population_users, 0) as double) as share,
        case when draft_sizes.users > 0 then coalesce(similarities.jaccard, 0) end as highest_jaccard,
        drafts.reviewed_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from drafts
    cross join population
    cross join data_through
    left join draft_sizes on drafts.segment = draft_sizes.segment
    left join similarities
        on
            drafts.segment = similarities.segment
            and similarities.place = 1
)

select * from stamped
