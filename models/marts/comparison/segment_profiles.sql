{%- set attributes = segmentation.profile_attributes() %}
{%- set circular = segmentation.circular_attributes(segmentation.registered_segments(), attributes) %}

-- The rest is the population less the segment. Users of one account share most attributes and often the segment, so
-- that they are no independent witnesses: chi-square is divided by a design effect, computed from sums per account.
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

attributes as (
    {%- for attribute in attributes %}
    select
        {{ segmentation.text_literal(attribute.name) }} as attribute,
        {{ segmentation.text_literal(attribute.label) }} as attribute_label,
        {{ segmentation.text_literal(attribute.type) }} as attribute_type,
        {%- set names = [] %}
        {%- for segment, circular_names in circular.items() if attribute.name in circular_names %}
        {%- do names.append(segment) %}
        {%- endfor %}
        ',{{ names | join(',') }},' as circular_segments
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

population as (
    select
        user_features.*,
        coalesce(user_features.account_id, user_features.user_id) as cluster_id
    from user_features
    inner join data_through on user_features.as_of_date = data_through.data_through
),

user_values as (
    {%- for attribute in attributes %}
    select
        population.user_id,
        population.cluster_id,
        {{ segmentation.text_literal(attribute.name) }} as attribute,
        coalesce(cast({{ attribute.expression }} as {{ dbt.type_string() }}), '__unknown__') as raw_value
    from population
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

value_counts as (
    select
        attribute,
        raw_value,
        count(*) as users
    from user_values
    group by attribute, raw_value
),

ranked_values as (
    select
        attribute,
        raw_value,
        row_number() over (
            partition by attribute
            order by case when raw_value = '__unknown__' then 1 else 0 end asc, users desc, raw_value asc
        ) as place
    from value_counts
),

shown_values as (
    select
        attribute,
        raw_value,
        case
            when place <= {{ segmentation.setting('profile_values') }} or raw_value = '__unknown__' then raw_value
            else '__other__'
        end as attribute_value
    from ranked_values
),

shown_user_values as (
    select
        user_values.user_id,
        user_values.cluster_id,
        user_values.attribute,
        shown_values.attribute_value
    from user_values
    inner join shown_values
        on
            user_values.attribute = shown_values.attribute
            and user_values.raw_value = shown_values.raw_value
),

members as (
    select
        user_segments.segment,
        population.user_id,
        population.cluster_id
    from user_segments
    inner join population
        on
            user_segments.user_id = population.user_id
            and user_segments.as_of_date = population.as_of_date
),

-- Users per account: all, with the value, in the segment, and both.
clusters as (
    select
        cluster_id,
        1e0 * count(*) as users
    from population
    group by cluster_id
),

cluster_values as (
    select
        cluster_id,
        attribute,
        attribute_value,
        1e0 * count(*) as users
    from shown_user_values
    group by cluster_id, attribute, attribute_value
),

member_clusters as (
    select
        members.segment,
        members.cluster_id,
        1e0 * count(*) as members,
        max(clusters.users) as users
    from members
    inner join clusters on members.cluster_id = clusters.cluster_id
    group by members.segment, members.cluster_id
),

member_cluster_values as (
    select
        members.segment,
        members.cluster_id,
        shown_user_values.attribute,
        shown_user_values.attribute_value,
        1e0 * count(*) as members
    from members
    inner join shown_user_values on members.user_id = shown_user_values.user_id
    group by members.segment, members.cluster_id, shown_user_values.attribute, shown_user_values.attribute_value
),

totals as (
    select
        sum(users) as population,
        sum(users * users) as squares,
        count(*) as clusters
    from clusters
),

-- Also of segments that are empty.
sizes as (
    select
        segments.segment,
        max(totals.population) as population,
        coalesce(sum(member_clusters.members), 0e0) as n,
        coalesce(sum(member_clusters.members), 0e0) / nullif(max(totals.population), 0e0) as member_share,
        count(member_clusters.cluster_id) as clusters,
        max(totals.clusters)
        - count(case when member_clusters.members = member_clusters.users then 1 end) as baseline_clusters
    from segments
    cross join totals
    left join member_clusters on segments.segment = member_clusters.segment
    group by segments.segment
),

-- Per account e = members − share × users; d is the same of the users with one value. Their squares and products are
-- summed over the accounts that have members, and for the others (e = −share × users) taken from the sums over all.
segment_squares as (
    select
        sizes.segment,
        sum(
            (member_clusters.members - sizes.member_share * member_clusters.users)
            * (member_clusters.members - sizes.member_share * member_clusters.users)
            - sizes.member_share * sizes.member_share * member_clusters.users * member_clusters.users
        )
        + max(sizes.member_share * sizes.member_share * totals.squares) as squares
    from sizes
    inner join member_clusters on sizes.segment = member_clusters.segment
    cross join totals
    group by sizes.segment
),

member_scores as (
    select
        member_clusters.segment,
        cluster_values.attribute,
        cluster_values.attribute_value,
        sizes.member_share,
        member_clusters.users as cluster_users,
        cluster_values.users as value_users,
        coalesce(member_cluster_values.members, 0e0) as value_members,
        member_clusters.members - sizes.member_share * member_clusters.users as score,
        coalesce(member_cluster_values.members, 0e0) - sizes.member_share * cluster_values.users as value_score
    from member_clusters
    inner join sizes on member_clusters.segment = sizes.segment
    inner join cluster_values on member_clusters.cluster_id = cluster_values.cluster_id
    left join member_cluster_values
        on
            member_clusters.segment = member_cluster_values.segment
            and member_clusters.cluster_id = member_cluster_values.cluster_id
            and cluster_values.attribute = member_cluster_values.attribute
            and cluster_values.attribute_value = member_cluster_values.attribute_value
),

member_sums as (
    select
        segment,
        attribute,
        attribute_value,
        sum(value_members) as users,
        sum(value_score * value_score - member_share * member_share * value_users * value_users) as squares,
        sum(value_score * score - member_share * member_share * value_users * cluster_users) as products
    from member_scores
    group by segment, attribute, attribute_value
),

value_sums as (
    select
        cluster_values.attribute,
        cluster_values.attribute_value,
        sum(cluster_values.users) as users,
        sum(cluster_values.users * cluster_values.users) as squares,
        sum(cluster_values.users * clusters.users) as products
    from cluster_values
    inner join clusters on cluster_values.cluster_id = clusters.cluster_id
    group by cluster_values.attribute, cluster_values.attribute_value
),

-- One row per segment and value, also where nobody of the segment has the value.
counted as (
    select
        sizes.segment,
        value_sums.attribute,
        value_sums.attribute_value,
        sizes.n,
        sizes.population - sizes.n as baseline_n,
        sizes.population,
        sizes.clusters,
        sizes.baseline_clusters,
        sizes.member_share,
        coalesce(member_sums.users, 0e0) as users,
        value_sums.users - coalesce(member_sums.users, 0e0) as baseline_users,
        value_sums.users as population_users,
        value_sums.users / sizes.population as value_share,
        value_sums.users * sizes.member_share as expected_users,
        coalesce(member_sums.squares, 0e0) + sizes.member_share * sizes.member_share * value_sums.squares as squares,
        coalesce(member_sums.products, 0e0) + sizes.member_share * sizes.member_share * value_sums.products as products,
        coalesce(segment_squares.squares, 0e0) as segment_squares
    from value_sums
    cross join sizes
    left join segment_squares on sizes.segment = segment_squares.segment
    left join member_sums
        on
            sizes.segment = member_sums.segment
            and value_sums.attribute = member_sums.attribute
            and value_sums.attribute_value = member_sums.attribute_value
),

-- The variance of Σ (has the value − its share)(is a member − share) by accounts, and as if each user were an account.
spread as (
    select
        *,
        squares - 2e0 * value_share * products + value_share * value_share * segment_squares as cluster_variance,
        (1e0 - value_share) * (1e0 - value_share)
        * (users * (1e0 - member_share) * (1e0 - member_share) + baseline_users * member_share * member_share)
        + value_share * value_share
        * (
            (n - users) * (1e0 - member_share) * (1e0 - member_share)
            + (baseline_n - baseline_users) * member_share * member_share
        ) as user_variance
    from counted
),

value_effects as (
    select
        *,
        greatest(1e0, coalesce(cluster_variance / nullif(user_variance, 0e0), 1e0)) as value_design_effect
    from spread
),

-- (observed − expected)² / expected over both groups: in the rest the same difference stands over its own expectation.
attribute_sums as (
    select
        segment,
        attribute,
        n,
        baseline_n,
        population,
        clusters,
        baseline_clusters,
        cast(count(*) - 1 as bigint) as degrees_of_freedom,
        sum(
            (users - expected_users) * (users - expected_users)
            * (1e0 / nullif(expected_users, 0e0) + 1e0 / nullif(population_users - expected_users, 0e0))
        ) as pearson_chi_square,
        greatest(1e0, coalesce(
            sum(cluster_variance / value_share) / nullif(sum(user_variance / value_share), 0e0), 1e0
        )) as design_effect,
        min(least(expected_users, population_users - expected_users)) as smallest_expected_users
    from value_effects
    group by segment, attribute, n, baseline_n, population, clusters, baseline_clusters
),

attribute_tests as (
    select
        attribute_sums.segment,
        attribute_sums.attribute,
        attributes.attribute_label,
        attributes.attribute_type,
        {{ segmentation.comparison_quality(
            'attribute_sums.n', 'attribute_sums.baseline_n',
            insufficient='attribute_sums.degrees_of_freedom < 1 or attribute_sums.smallest_expected_users < 1',
            smallest_count='attribute_sums.smallest_expected_users',
            units=['attribute_sums.clusters', 'attribute_sums.baseline_clusters']
        ) }} as quality,
        attribute_sums.degrees_of_freedom,
        attribute_sums.smallest_expected_users,
        attribute_sums.design_effect,
        case
            when attribute_sums.degrees_of_freedom > 0
                then attribute_sums.pearson_chi_square * (attribute_sums.population - 1e0) / attribute_sums.population
        end as chi_square,
        case
            when attribute_sums.degrees_of_freedom > 0
                then sqrt(attribute_sums.pearson_chi_square / attribute_sums.population)
        end as effect_size,
        attributes.circular_segments like '%,' || attribute_sums.segment || ',%' as is_circular
    from attribute_sums
    inner join attributes on attribute_sums.attribute = attributes.attribute
),

corrected as (
    select
        *,
        case when quality != 'insufficient' then chi_square / design_effect end as corrected_chi_square
    from attribute_tests
),

attribute_p as (
    select
        *,
        {{ segmentation.chi_square_tail('corrected_chi_square', 'degrees_of_freedom') }} as p_value
    from corrected
),

attribute_q as (
    {{ segmentation.corrected_families('attribute_p', "'segment_profiles'", 'not is_circular') }}
),

effective as (
    select
        *,
        users / value_design_effect as effective_users,
        n / value_design_effect as effective_n,
        baseline_users / value_design_effect as effective_baseline_users,
        baseline_n / value_design_effect as effective_baseline_n,
        users / nullif(n, 0e0) as share,
        baseline_users / nullif(baseline_n, 0e0) as baseline_share
    from value_effects
),

profiles as (
    select
        effective.segment,
        effective.attribute,
        effective.attribute_value,
        attribute_q.attribute_label,
        attribute_q.attribute_type,
        'cramers_v' as effect_size_kind,
        attribute_q.quality,
        attribute_q.family,
        cast(effective.users as bigint) as users,
        cast(effective.n as bigint) as n,
        cast(effective.baseline_users as bigint) as baseline_users,
        cast(effective.baseline_n as bigint) as baseline_n,
        effective.share,
        effective.baseline_share,
        1e2 * effective.share / nullif(effective.baseline_share, 0e0) as share_index,
        effective.share - effective.baseline_share as difference,
        {{ segmentation.newcombe_bound(
            'effective.effective_users', 'effective.effective_n',
            'effective.effective_baseline_users', 'effective.effective_baseline_n', 'lower'
        ) }} as difference_lower,
        {{ segmentation.newcombe_bound(
            'effective.effective_users', 'effective.effective_n',
            'effective.effective_baseline_users', 'effective.effective_baseline_n', 'upper'
        ) }} as difference_upper,
        effective.value_design_effect,
        attribute_q.chi_square,
        attribute_q.degrees_of_freedom,
        attribute_q.design_effect,
        attribute_q.smallest_expected_users,
        attribute_q.p_value,
        attribute_q.q_value,
        attribute_q.effect_size,
        attribute_q.is_circular,
        data_through.data_through as as_of_date,
        data_through.data_through
    from effective
    inner join attribute_q
        on
            effective.segment = attribute_q.segment
            and effective.attribute = attribute_q.attribute
    cross join data_through
)

select * from profiles
