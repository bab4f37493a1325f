{%- set attributes = segmentation.profile_attributes() -%}

-- Users of one account share most attributes and often the segment: sums per account show how much users overstate.
with
population as (
    select
        *,
        coalesce(account_id, user_id) as cluster_id
    from {{ ref('user_features') }}
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

attributes as (
    {%- for attribute in attributes %}
    select {{ segmentation.text_literal(attribute.name) }} as attribute
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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

-- By their numbers: the rows of users, accounts and segments by value are many.
numbered_values as (
    select
        *,
        dense_rank() over (order by attribute) as attribute_number,
        dense_rank() over (order by attribute, attribute_value) as value_number
    from shown_values
),

value_names as (
    select distinct
        value_number,
        attribute,
        attribute_value
    from numbered_values
),

shown_user_values as (
    select
        user_values.user_id,
        user_values.cluster_id,
        numbered_values.attribute_number,
        numbered_values.value_number
    from user_values
    inner join numbered_values
        on
            user_values.attribute = numbered_values.attribute
            and user_values.raw_value = numbered_values.raw_value
),

-- Users per account: all, with the value, in the segment, and both.
clusters as (
    select
        cluster_id,
        1e0 * count(*) as users
    from population
    group by cluster_id
),

members as (
    select
        user_segments.segment,
        population.user_id,
        population.cluster_id,
        1e0 * count(*) over (partition by user_segments.segment, population.cluster_id) as cluster_members,
        clusters.users as cluster_users
    from user_segments
    inner join population
        on
            user_segments.user_id = population.user_id
            and user_segments.as_of_date = population.as_of_date
    inner join clusters on population.cluster_id = clusters.cluster_id
),

cluster_values as (
    select
        cluster_id,
        attribute_number,
        value_number,
        1e0 * count(*) as users
    from shown_user_values
    group by cluster_id, attribute_number, value_number
),

member_clusters as (
    select
        segment,
        cluster_id,
        max(cluster_members) as members,
        max(cluster_users) as users
    from members
    group by segment, cluster_id
),

users_of_values as (
    select
        shown_user_values.user_id,
        shown_user_values.value_number,
        cluster_values.users as value_users
    from shown_user_values
    inner join cluster_values
        on
            shown_user_values.cluster_id = cluster_values.cluster_id
            and shown_user_values.value_number = cluster_values.value_number
),

-- One row for each account with several members, and one for all others together.
member_cluster_values as (
    select
        members.segment,
        case when members.cluster_members > 1 then members.cluster_id end as shared_cluster,
        users_of_values.value_number,
        1e0 * count(*) as members,
        sum(users_of_values.value_users) as by_value,
        sum(members.cluster_members) as by_members,
        sum(members.cluster_users) as by_users
    from members
    inner join users_of_values on members.user_id = users_of_values.user_id
    group by
        members.segment, case when members.cluster_members > 1 then members.cluster_id end, users_of_values.value_number
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

-- Per account e = members − share × users; d is the same of the users with one value. Squares and products are
-- multiplied out: what has members is summed over their accounts, share² × users² over all.
segment_squares as (
    select
        sizes.segment,
        sum(member_clusters.members * (member_clusters.members - 2e0 * sizes.member_share * member_clusters.users))
        + max(sizes.member_share * sizes.member_share * totals.squares) as squares
    from sizes
    inner join member_clusters on sizes.segment = member_clusters.segment
    cross join totals
    group by sizes.segment
),

-- Of accounts that have members with the value; to the products others with members add, too.
member_value_sums as (
    select
        segment,
        value_number,
        sum(members) as users,
        sum(members * case when shared_cluster is null then 1e0 else members end) as squares,
        sum(by_value) as by_value,
        sum(by_members) as by_members,
        sum(by_users) as by_users
    from member_cluster_values
    group by segment, value_number
),

value_products as (
    select
        member_clusters.segment,
        cluster_values.value_number,
        sum(cluster_values.users * member_clusters.members) as products
    from member_clusters
    inner join cluster_values on member_clusters.cluster_id = cluster_values.cluster_id
    group by member_clusters.segment, cluster_values.value_number
),

member_sums as (
    select
        value_products.segment,
        value_products.value_number,
        coalesce(member_value_sums.users, 0e0) as users,
        coalesce(member_value_sums.squares - 2e0 * sizes.member_share * member_value_sums.by_value, 0e0) as squares,
        coalesce(member_value_sums.by_members - sizes.member_share * member_value_sums.by_users, 0e0)
        - sizes.member_share * value_products.products as products
    from value_products
    inner join sizes on value_products.segment = sizes.segment
    left join member_value_sums
        on
            value_products.segment = member_value_sums.segment
            and value_products.value_number = member_value_sums.value_number
),

value_sums as (
    select
        cluster_values.value_number,
        value_names.attribute,
        value_names.attribute_value,
        sum(cluster_values.users) as users,
        sum(cluster_values.users * cluster_values.users) as squares,
        sum(cluster_values.users * clusters.users) as products
    from cluster_values
    inner join clusters on cluster_values.cluster_id = clusters.cluster_id
    inner join value_names on cluster_values.value_number = value_names.value_number
    group by cluster_values.value_number, value_names.attribute, value_names.attribute_value
),

-- If accounts were dealt to the segment: how much their users say about the values of an attribute beside as many
-- strangers (account_trace, 1 for each degree of freedom if colleagues are not alike), and how unequally they say it of
-- the different values.
pair_sums as (
    select
        cluster_values.value_number,
        other_values.value_number as other_number,
        sum(cluster_values.users * other_values.users) as products
    from cluster_values
    inner join cluster_values as other_values
        on
            cluster_values.cluster_id = other_values.cluster_id
            and cluster_values.attribute_number = other_values.attribute_number
    group by cluster_values.value_number, other_values.value_number
),

covariances as (
    select
        value_sums.attribute,
        value_sums.value_number = other_values.value_number as is_variance,
        (
            coalesce(pair_sums.products, 0e0)
            - value_sums.users / totals.population * other_values.products
            - other_values.users / totals.population * value_sums.products
            + value_sums.users / totals.population * other_values.users / totals.population * totals.squares
        ) / nullif(sqrt(value_sums.users * other_values.users), 0e0) as joint_variance
    from value_sums
    inner join value_sums as other_values on value_sums.attribute = other_values.attribute
    cross join totals
    left join pair_sums
        on
            value_sums.value_number = pair_sums.value_number
            and other_values.value_number = pair_sums.other_number
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
            and value_sums.value_number = member_sums.value_number
)

select * from counts
