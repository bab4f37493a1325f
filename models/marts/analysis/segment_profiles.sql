{%- set attributes = segmentation.profile_attributes() %}
{%- set segment_names = segmentation.registered_segments() %}

-- Values are counted as they are, and only the counts are folded into the values that are shown. The rest is the
-- population less the segment.
with
user_features as (
    select * from {{ ref('user_features') }}
),

user_segments as (
    select * from {{ ref('user_segments') }}
),

segments as (
    select * from {{ ref('segments') }}
),

data_through as (
    select * from {{ ref('data_through') }}
),

-- `related` are the columns that decide the attribute: in a definition they decide it before anybody looks.
attributes as (
    {%- for attribute in attributes %}
    select
        {{ segmentation.text_literal(attribute.name) }} as attribute,
        {{ segmentation.text_literal(attribute.label) }} as attribute_label,
        {{ segmentation.text_literal(attribute.type) }} as attribute_type,
        {%- set circular = [] %}
        {%- for segment in segment_names if segmentation.segment_mentions(segment, attribute.columns) %}
        {%- do circular.append(segment) %}
        {%- endfor %}
        ',{{ circular | join(',') }},' as circular_segments
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

user_attributes as (
    select
        user_features.user_id,
        {%- for attribute in attributes %}
        coalesce(cast({{ attribute.expression }} as {{ dbt.type_string() }}), '__unknown__') as {{ attribute.name }}_value
        {{- ',' if not loop.last }}
        {%- endfor %}
    from user_features
    inner join data_through on user_features.as_of_date = data_through.data_through
),

-- Everybody once more as a group of their own.
memberships as (
    select
        user_segments.segment,
        user_segments.user_id
    from user_segments
    inner join data_through on user_segments.as_of_date = data_through.data_through
    union all
    select
        '__all__' as segment,
        user_id
    from user_attributes
),

member_attributes as (
    select
        memberships.segment,
        user_attributes.*
    from memberships
    inner join user_attributes on memberships.user_id = user_attributes.user_id
),

value_counts as (
    {%- for attribute in attributes %}
    select
        segment,
        {{ segmentation.text_literal(attribute.name) }} as attribute,
        {{ attribute.name }}_value as raw_value,
        cast(count(*) as bigint) as users
    from member_attributes
    group by segment, {{ attribute.name }}_value
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

ranked_values as (
    select
        attribute,
        raw_value,
        row_number() over (
            partition by attribute
            order by case when raw_value = '__unknown__' then 1 else 0 end, users desc, raw_value
        ) as place
    from value_counts
    where segment = '__all__'
),

shown_values as (
    select
        attribute,
        raw_value,
        case
            when place <= {{ var('profile_values') }} or raw_value = '__unknown__' then raw_value
            else '__other__'
        end as shown_value
    from ranked_values
),

shown_counts as (
    select
        value_counts.segment,
        value_counts.attribute,
        shown_values.shown_value,
        cast(sum(value_counts.users) as bigint) as users
    from value_counts
    inner join shown_values
        on
            value_counts.attribute = shown_values.attribute
            and value_counts.raw_value = shown_values.raw_value
    group by value_counts.segment, value_counts.attribute, shown_values.shown_value
),

sizes as (
    select
        segments.segment,
        cast(count(memberships.user_id) as bigint) as n
    from segments
    left join memberships on segments.segment = memberships.segment
    group by segments.segment
),

population_size as (
    select cast(count(*) as bigint) as population from user_attributes
),

-- One row per segment and value, also where nobody of the segment has the value.
counted as (
    select
        sizes.segment,
        everybody.attribute,
        everybody.shown_value,
        sizes.n,
        population_size.population - sizes.n as baseline_n,
        population_size.population,
        coalesce(shown_counts.users, 0) as users,
        everybody.users - coalesce(shown_counts.users, 0) as baseline_users,
        everybody.users as population_users,
        1e0 * everybody.users * sizes.n / population_size.population as expected_users
    from shown_counts as everybody
    cross join sizes
    cross join population_size
    left join shown_counts
        on
            sizes.segment = shown_counts.segment
            and everybody.attribute = shown_counts.attribute
            and everybody.shown_value = shown_counts.shown_value
    where everybody.segment = '__all__'
),

-- (observed − expected)² / expected over both groups: in the rest the same difference stands over its own expectation.
attribute_sums as (
    select
        segment,
        attribute,
        n,
        baseline_n,
        population,
        count(*) - 1 as degrees_of_freedom,
        sum(
            (users - expected_users) * (users - expected_users)
            * (1e0 / nullif(expected_users, 0e0) + 1e0 / nullif(population_users - expected_users, 0e0))
        ) as pearson_chi_square,
        min(least(expected_users, population_users - expected_users)) as smallest_expected_users
    from counted
    group by segment, attribute, n, baseline_n, population
),

attribute_tests as (
    select
        attribute_sums.segment,
        attribute_sums.attribute,
        attributes.attribute_label,
        attributes.attribute_type,
        case
            when
                attribute_sums.n < 2
                or attribute_sums.baseline_n < 2
                or attribute_sums.degrees_of_freedom < 1
                or attribute_sums.smallest_expected_users < 1 then 'insufficient'
            when attribute_sums.smallest_expected_users < 5 then 'low_counts'
            when attribute_sums.n < 30 or attribute_sums.baseline_n < 30 then 'small_n'
            else 'ok'
        end as quality,
        attribute_sums.degrees_of_freedom,
        attribute_sums.smallest_expected_users,
        case when attribute_sums.degrees_of_freedom > 0 then
            attribute_sums.pearson_chi_square * (attribute_sums.population - 1) / attribute_sums.population
        end as chi_square,
        case when attribute_sums.degrees_of_freedom > 0 then
            sqrt(attribute_sums.pearson_chi_square / attribute_sums.population)
        end as effect_size,
        attributes.circular_segments like '%,' || attribute_sums.segment || ',%' as is_circular
    from attribute_sums
    inner join attributes on attribute_sums.attribute = attributes.attribute
),

attribute_p as (
    select
        *,
        case when quality != 'insufficient' then
            {{ segmentation.chi_square_tail('chi_square', 'degrees_of_freedom') }}
        end as p_value
    from attribute_tests
),

attribute_families as (
    select
        *,
        case when p_value is not null and not is_circular then 'segment_profiles' end as family,
        case when not is_circular then p_value end as family_p_value
    from attribute_p
),

attribute_q as (
    {{ segmentation.benjamini_hochberg(
        'attribute_families', 'family_p_value', ['family'], ['segment', 'attribute'], 'q_value'
    ) }}
),

profiles as (
    select
        counted.segment,
        counted.attribute,
        counted.shown_value as attribute_value,
        attribute_q.attribute_label,
        attribute_q.attribute_type,
        'cramers_v' as effect_size_kind,
        attribute_q.quality,
        attribute_q.family,
        counted.users,
        counted.n,
        counted.baseline_users,
        counted.baseline_n,
        counted.users / nullif(1e0 * counted.n, 0e0) as share,
        counted.baseline_users / nullif(1e0 * counted.baseline_n, 0e0) as baseline_share,
        1e2 * counted.users * counted.baseline_n
        / nullif(1e0 * counted.n * counted.baseline_users, 0e0) as share_index,
        counted.users / nullif(1e0 * counted.n, 0e0)
        - counted.baseline_users / nullif(1e0 * counted.baseline_n, 0e0) as difference,
        {{ segmentation.newcombe_bound(
            'counted.users', 'counted.n', 'counted.baseline_users', 'counted.baseline_n', 'lower'
        ) }} as difference_lower,
        {{ segmentation.newcombe_bound(
            'counted.users', 'counted.n', 'counted.baseline_users', 'counted.baseline_n', 'upper'
        ) }} as difference_upper,
        attribute_q.chi_square,
        cast(attribute_q.degrees_of_freedom as bigint) as degrees_of_freedom,
        attribute_q.smallest_expected_users,
        attribute_q.p_value,
        attribute_q.q_value,
        attribute_q.effect_size,
        attribute_q.is_circular,
        data_through.data_through as as_of_date,
        data_through.data_through
    from counted
    inner join attribute_q
        on
            counted.segment = attribute_q.segment
            and counted.attribute = attribute_q.attribute
    cross join data_through
)

select * from profiles
