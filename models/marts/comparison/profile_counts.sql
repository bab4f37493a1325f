{%- set attributes = segmentation.profile_attributes() -%}

-- Users of one account share most attributes and often the segment, so that they are no independent witnesses: beside
-- the users, sums per account show how much their number overstates what is known.
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
),

data_through as (
    select * from {{ ref('data_through') }}
),

attributes as (
    {%- for attribute in attributes %}
    select {{ segmentation.text_literal(attribute.name) }} as attribute
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

population as (
    select
        user_features.*,
        coalesce(user_features.account_id, user_features.user_id) as cluster_id
    from user_features
),

user_values as (
    select
        population.user_id,
        population.cluster_id,
        attributes.attribute,
        coalesce(
            case attributes.attribute
                {%- for attribute in attributes %}
                when {{ segmentation.text_literal(attribute.name) }}
                    then cast({{ attribute.expression }} as {{ dbt.type_string() }})
                {%- endfor %}
            end, '__unknown__'
        ) as raw_value
    from population
    cross join attributes
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

-- If accounts were dealt to the segment: how much their users say about the values of an attribute beside as many
-- strangers (account_trace, 1 for each degree of freedom if colleagues are not alike), and how unequally they say it of
-- the different values.
pair_sums as (
    select
        cluster_values.attribute,
        cluster_values.attribute_value,
        others.attribute_value as other_value,
        sum(cluster_values.users * others.users) as products
    from cluster_values
    inner join cluster_values as others
        on
            cluster_values.cluster_id = others.cluster_id
            and cluster_values.attribute = others.attribute
    group by cluster_values.attribute, cluster_values.attribute_value, others.attribute_value
),

covariances as (
    select
        value_sums.attribute,
        value_sums.attribute_value = others.attribute_value as is_variance,
        (
            coalesce(pair_sums.products, 0e0)
            - value_sums.users / totals.population * others.products
            - others.users / totals.population * value_sums.products
            + value_sums.users / totals.population * others.users / totals.population * totals.squares
        ) / nullif(sqrt(value_sums.users * others.users), 0e0) as joint_variance
    from value_sums
    inner join value_sums as others on value_sums.attribute = others.attribute
    cross join totals
    left join pair_sums
        on
            value_sums.attribute = pair_sums.attribute
            and value_sums.attribute_value = pair_sums.attribute_value
            and others.attribute_value = pair_sums.other_value
),

account_traces as (
    select
        attribute,
        sum(case when is_variance then joint_variance else 0e0 end) as account_trace,
        sum(joint_variance * joint_variance) as account_trace_of_square
    from covariances
    group by attribute
),

-- One row per segment and value, also where nobody of the segment has the value.
counts as (
    select
        sizes.segment,
        value_sums.attribute,
        value_sums.attribute_value,
        coalesce(member_sums.users, 0e0) as users,
        sizes.n,
        value_sums.users - coalesce(member_sums.users, 0e0) as baseline_users,
        sizes.population - sizes.n as baseline_n,
        sizes.clusters,
        sizes.baseline_clusters,
        coalesce(member_sums.squares, 0e0) + sizes.member_share * sizes.member_share * value_sums.squares as squares,
        coalesce(member_sums.products, 0e0) + sizes.member_share * sizes.member_share * value_sums.products as products,
        coalesce(segment_squares.squares, 0e0) as segment_squares,
        totals.squares as population_squares,
        account_traces.account_trace,
        account_traces.account_trace_of_square,
        data_through.data_through
    from value_sums
    inner join account_traces on value_sums.attribute = account_traces.attribute
    cross join sizes
    cross join totals
    cross join data_through
    left join segment_squares on sizes.segment = segment_squares.segment
    left join member_sums
        on
            sizes.segment = member_sums.segment
            and value_sums.attribute = member_sums.attribute
            and value_sums.attribute_value = member_sums.attribute_value
)

select * from counts
