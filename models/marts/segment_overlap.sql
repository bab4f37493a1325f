{#- 60 segments fit into one BIGINT as powers of two. -#}
{%- set lanes = segmentation.registered_segments() | batch(60) | list %}
-- Users with the same set of segments are counted once, as a pattern; pairs are formed of the segments of a pattern. So
-- the pairs cost what the number of different patterns costs, not what the number of users does.
with
user_segments as (
    select
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    inner join {{ ref('data_through') }} as data_through on user_segments.as_of_date = data_through.data_through
),

segments as (
    select segment from {{ ref('segments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

population as (
    select cast(count(*) as bigint) as users
    from {{ ref('user_dates') }} as user_dates
    inner join data_through on user_dates.as_of_date = data_through.data_through
),

bits as (
    {%- for lane in lanes %}
    {%- set lane_number = loop.index %}
    {%- for segment in lane %}
    {%- set bit = 2 ** loop.index0 %}
    {{ 'union all' if not (loop.first and lane_number == 1) }}
    select
        '{{ segment }}' as segment
        {%- for number in range(1, lanes | length + 1) %},
        cast({{ bit if number == lane_number else 0 }} as bigint) as lane_{{ number }}
        {%- endfor %}
    {%- endfor %}
    {%- endfor %}
),

user_sets as (
    select
        user_segments.user_id
        {%- for lane in lanes %},
        cast(sum(bits.lane_{{ loop.index }}) as bigint) as lane_{{ loop.index }}
        {%- endfor %}
    from user_segments
    inner join bits on user_segments.segment = bits.segment
    group by user_segments.user_id
),

-- One user stands for all with the same set.
patterns as (
    select
        min(user_id) as user_id,
        cast(count(*) as bigint) as users
    from user_sets
    group by
        {%- for lane in lanes %}
        lane_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
),

pattern_segments as (
    select
        user_segments.user_id,
        user_segments.segment,
        patterns.users
    from user_segments
    inner join patterns on user_segments.user_id = patterns.user_id
),

pair_counts as (
    select
        pattern_segments.segment,
        others.segment as other_segment,
        cast(sum(pattern_segments.users) as bigint) as users
    from pattern_segments
    inner join pattern_segments as others on pattern_segments.user_id = others.user_id
    group by pattern_segments.segment, others.segment
),

sizes as (
    select
        segments.segment,
        coalesce(pair_counts.users, 0) as users
    from segments
    left join pair_counts
        on
            segments.segment = pair_counts.segment
            and segments.segment = pair_counts.other_segment
),

pairs as (
    select
        sizes.segment,
        others.segment as other_segment,
        sizes.users,
        others.users as other_users,
        coalesce(pair_counts.users, 0) as users_in_both,
        population.users as population_users,
        sizes.users * cast(others.users as double) / nullif(population.users, 0) as expected_users
    from sizes
    inner join sizes as others on sizes.segment != others.segment
    cross join population
    left join pair_counts
        on
            sizes.segment = pair_counts.segment
            and others.segment = pair_counts.other_segment
),

measured as (
    select
        pairs.segment,
        pairs.other_segment,
        pairs.users,
        pairs.other_users,
        pairs.users_in_both,
        pairs.population_users,
        pairs.users_in_both / cast(nullif(pairs.users + pairs.other_users - pairs.users_in_both, 0) as double) as jaccard,
        pairs.users_in_both / cast(nullif(pairs.users, 0) as double) as containment,
        pairs.users_in_both / cast(nullif(pairs.other_users, 0) as double) as other_containment,
        pairs.expected_users,
        pairs.users_in_both / nullif(pairs.expected_users, 0e0) as lift,
        data_through.data_through as as_of_date,
        data_through.data_through
    from pairs
    cross join data_through
)

select * from measured
