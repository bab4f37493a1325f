{%- set features = segmentation.listed_events() | selectattr('is_feature') | map(attribute='name') | list %}

-- The rest is the population less the segment. First and last use of each feature come out of one pass over the rollup.
-- Users of one account are alike: sums over accounts tell by how much their number overstates what is known.
with
segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

user_event_days as (
    select * from {{ ref('user_event_days') }}
    where event_name in ({{ segmentation.text_literals(features) }})
),

features as (
    {%- for feature in features %}
    select {{ segmentation.text_literal(feature) }} as feature
    union all
    {%- endfor %}
    -- No row, but a column, also where no event is a feature.
    select cast(null as {{ dbt.type_string() }}) as feature
    where false
),

population as (
    select
        user_dates.user_id,
        {{ segmentation.account_key('user_dates') }} as account_key,
        user_dates.signup_date,
        user_dates.as_of_date
    from {{ ref('user_dates') }} as user_dates
    where {{ segmentation.at_newest_date() }}
),

members as (
    select
        user_segments.user_id,
        user_segments.segment,
        population.account_key
    from {{ ref('user_segments') }} as user_segments
    inner join population on user_segments.user_id = population.user_id
    where user_segments.as_of_date = population.as_of_date
),

uses as (
    select
        population.user_id,
        population.account_key,
        user_event_days.event_name as feature,
        max(
            case
                when {{ segmentation.in_window('user_event_days.event_date', 'population.as_of_date', 28) }} then 1
                else 0
            end
        ) as has_used_28d,
        -- Use before the signup, by a visitor who was linked later, is use on the first day.
        greatest(
            {{ segmentation.days_between('min(population.signup_date)', 'min(user_event_days.event_date)') }}, 0
        ) as days_to_first_use
    from user_event_days
    inner join population on user_event_days.user_id = population.user_id
    where user_event_days.known_date <= population.as_of_date
    group by population.user_id, population.account_key, user_event_days.event_name
),

-- Users per account: all, with recent use of a feature, in a segment, and both.
accounts as (
    select
        account_key,
        cast(count(*) as double) as users
    from population
    group by account_key
),

account_uses as (
    select
        feature,
        account_key,
        cast(sum(has_used_28d) as double) as adopters
    from uses
    group by feature, account_key
),

member_accounts as (
    select
        members.segment,
        members.account_key,
        cast(count(*) as double) as members,
        max(accounts.users) as users
    from members
    inner join accounts on members.account_key = accounts.account_key
    group by members.segment, members.account_key
),

member_account_uses as (
    select
        members.segment,
        uses.feature,
        members.account_key,
        cast(sum(uses.has_used_28d) as double) as adopters
    from members
    inner join uses on members.user_id = uses.user_id
    group by members.segment, uses.feature, members.account_key
),

account_products as (
    select
        member_accounts.segment,
        account_uses.feature,
        sum(member_account_uses.adopters * member_account_uses.adopters) as squares,
        sum(member_account_uses.adopters * member_accounts.members) as by_members,
        sum(member_account_uses.adopters * member_accounts.users) as by_users,
        sum(member_account_uses.adopters * account_uses.adopters) as by_all,
        sum(account_uses.adopters * member_accounts.members) as all_by_members
    from member_accounts
    inner join account_uses on member_accounts.account_key = account_uses.account_key
    left join member_account_uses
        on
            member_accounts.segment = member_account_uses.segment
            and member_accounts.account_key = member_account_uses.account_key
            and account_uses.feature = member_account_uses.feature
    group by member_accounts.segment, account_uses.feature
),

population_products as (
    select
        account_uses.feature,
        sum(account_uses.adopters * account_uses.adopters) as squares,
        sum(account_uses.adopters * accounts.users) as by_users
    from account_uses
    inner join accounts on account_uses.account_key = accounts.account_key
    group by account_uses.feature
),

segment_counts as (
    select
        members.segment,
        uses.feature,
        cast(sum(uses.has_used_28d) as bigint) as adopters_28d,
        cast(count(*) as bigint) as adopters_ever,
        cast(percentile_cont(5e-1) within group (order by uses.days_to_first_use) as double) as median_days_to_first_use
    from members
    inner join uses on members.user_id = uses.user_id
    group by members.segment, uses.feature
),

population_counts as (
    select
        feature,
        cast(sum(has_used_28d) as bigint) as adopters_28d,
        cast(count(*) as bigint) as adopters_ever
    from uses
    group by feature
),

segment_sizes as (
    select
        segment,
        cast(sum(members) as bigint) as n,
        count(*) as accounts,
        count(case when members = users then 1 end) as whole_accounts,
        sum(members * members) as squares,
        sum(members * users) as products
    from member_accounts
    group by segment
),

population_size as (
    select
        cast(coalesce(sum(users), 0) as bigint) as n,
        count(*) as accounts,
        coalesce(sum(users * users), 0e0) as squares
    from accounts
),

-- One row per segment and feature, also where nobody is in the one or uses the other.
counts as (
    select
        segments.segment,
        features.feature,
        coalesce(segment_sizes.n, 0) as n,
        population_size.n - coalesce(segment_sizes.n, 0) as baseline_n,
        population_size.n as population_n,
        coalesce(segment_sizes.accounts, 0) as accounts,
        population_size.accounts - coalesce(segment_sizes.whole_accounts, 0) as baseline_accounts,
        coalesce(segment_sizes.squares, 0e0) as segment_squares,
        coalesce(segment_sizes.products, 0e0) as segment_products,
        population_size.squares as population_squares,
        coalesce(account_products.squares, 0e0) as adopter_squares,
        coalesce(account_products.by_members, 0e0) as adopters_by_members,
        coalesce(account_products.by_users, 0e0) as adopters_by_users,
        coalesce(account_products.by_all, 0e0) as adopters_by_all,
        coalesce(account_products.all_by_members, 0e0) as all_adopters_by_members,
        coalesce(population_products.squares, 0e0) as all_adopter_squares,
        coalesce(population_products.by_users, 0e0) as all_adopters_by_users,
        coalesce(segment_counts.adopters_28d, 0) as adopters_28d,
        coalesce(population_counts.adopters_28d, 0) - coalesce(segment_counts.adopters_28d, 0) as baseline_adopters_28d,
        coalesce(population_counts.adopters_28d, 0) as population_adopters_28d,
        coalesce(segment_counts.adopters_ever, 0) as adopters_ever,
        coalesce(population_counts.adopters_ever, 0) - coalesce(segment_counts.adopters_ever, 0)
            as baseline_adopters_ever,
        segment_counts.median_days_to_first_use
    from segments
    cross join features
    cross join population_size
    left join segment_sizes on segments.segment = segment_sizes.segment
    left join population_counts on features.feature = population_counts.feature
    left join segment_counts
        on
            segments.segment = segment_counts.segment
            and features.feature = segment_counts.feature
    left join account_products
        on
            segments.segment = account_products.segment
            and features.feature = account_products.feature
    left join population_products on features.feature = population_products.feature
)

select * from counts
