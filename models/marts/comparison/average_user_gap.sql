{%- set band = segmentation.setting('average_band') -%}
{%- set traits = segmentation.average_traits() %}

-- Each segment has an average of its own; `__all__` is everybody. A user is average in a trait if it lies within
-- average_band standard deviations of the mean.
with
user_features as (
    select * from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
    where {{ segmentation.at_newest_date() }}
),

segments as (
    select * from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

data_through as (
    select * from {{ ref('data_through') }}
),

groups as (
    select segment from segments
    union all
    select '__all__' as segment
    from data_through
),

user_traits as (
    select
        user_features.user_id,
        {%- for trait in traits %}
        cast(user_features.{{ trait }} as double) as {{ trait }},
        {%- endfor %}
        user_features.as_of_date
    from user_features
),

memberships as (
    select
        user_segments.segment,
        user_segments.user_id
    from user_segments
    union all
    select
        '__all__' as segment,
        user_id
    from user_traits
),

member_traits as (
    select
        memberships.segment,
        {%- for trait in traits %}
        user_traits.{{ trait }},
        {%- endfor %}
        user_traits.as_of_date
    from memberships
    inner join user_traits on memberships.user_id = user_traits.user_id
),

-- One user is the average of itself.
averages as (
    select
        segment,
        {%- for trait in traits %}
        avg({{ trait }}) as {{ trait }}_mean,
        coalesce(stddev_samp({{ trait }}), 0e0) as {{ trait }}_deviation,
        {%- endfor %}
        as_of_date
    from member_traits
    group by segment, as_of_date
),

-- 1 for a user who is average in the trait, 0 for one who is not. Rounding moves a mean off equal values; that is no
-- distance.
judged as (
    select
        member_traits.segment,
        {%- for trait in traits %}
        case
            when
                abs(member_traits.{{ trait }} - averages.{{ trait }}_mean)
                <= {{ band }} * averages.{{ trait }}_deviation + 1e-12 * abs(averages.{{ trait }}_mean)
                then 1e0
            when member_traits.{{ trait }} is not null then 0e0
        end as trait_{{ loop.index }},
        {%- endfor %}
        member_traits.as_of_date
    from member_traits
    inner join averages on member_traits.segment = averages.segment
),

-- In how many of the first traits; NULL for a user of whom one of them is unknown.
added_up as (
    select
        segment,
        {%- for trait in traits %}
        {%- set first_traits = 'trait_' ~ range(1, loop.index + 1) | join(' + trait_') %}
        trait_{{ loop.index }},
        {{ first_traits }} as first_{{ loop.index }},
        {%- endfor %}
        as_of_date
    from judged
),

group_counts as (
    select
        segment,
        {%- for trait in traits %}
        cast(count(first_{{ loop.index }}) as bigint) as n_{{ loop.index }},
        cast(count(case when first_{{ loop.index }} = {{ loop.index }} then 1 end) as bigint) as users_{{ loop.index }},
        avg(trait_{{ loop.index }}) as share_{{ loop.index }},
        {%- endfor %}
        as_of_date
    from added_up
    group by segment, as_of_date
),

counts as (
    {%- for trait in traits %}
    {%- set product = 'share_' ~ range(1, loop.index + 1) | join(' * share_') %}
    select
        segment,
        cast({{ loop.index }} as bigint) as trait_count,
        n_{{ loop.index }} as n,
        users_{{ loop.index }} as average_users,
        share_{{ loop.index }} as trait_share,
        {{ product }} as expected_share
    from group_counts
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        segment,
        cast(0 as bigint) as trait_count,
        cast(0 as bigint) as n,
        cast(0 as bigint) as average_users,
        0e0 as trait_share,
        0e0 as expected_share
    from group_counts
    where false
    {%- endfor %}
),

trait_list as (
    {%- for trait in traits %}
    select
        '{{ trait }}' as trait,
        '{{ traits[:loop.index] | join(', ') }}' as traits,
        cast({{ loop.index }} as bigint) as trait_count
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        segment as trait,
        segment as traits,
        cast(0 as bigint) as trait_count
    from groups
    where false
    {%- endfor %}
),

-- One row per group and number of traits, also where nobody is in the group.
counted as (
    select
        groups.segment,
        trait_list.trait,
        trait_list.traits,
        trait_list.trait_count,
        coalesce(counts.n, 0) as n,
        coalesce(counts.average_users, 0) as average_users,
        counts.trait_share,
        counts.expected_share
    from groups
    cross join trait_list
    left join counts
        on
            groups.segment = counts.segment
            and trait_list.trait_count = counts.trait_count
),

gaps as (
    select
        counted.segment,
        counted.trait,
        counted.traits,
        counted.trait_count,
        counted.n,
        counted.average_users,
        counted.trait_share,
        counted.average_users / nullif(1e0 * counted.n, 0e0) as share,
        {{ segmentation.wilson_bound('counted.average_users', 'counted.n', 'lower') }} as share_lower,
        {{ segmentation.wilson_bound('counted.average_users', 'counted.n', 'upper') }} as share_upper,
        counted.expected_share,
        data_through.data_through as as_of_date,
        data_through.data_through
    from counted
    cross join data_through
)

select * from gaps
