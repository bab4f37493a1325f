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
        user_segments.segment
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

-- Everybody may use a feature, so there is one base.
base_users as (
    select
        'everybody' as base,
        user_id,
        account_key
    from population
),

items as (
    select
        'everybody' as base,
        feature as item
    from features
),

doers as (
    select
        'everybody' as base,
        feature as item,
        user_id,
        account_key,
        has_used_28d as did
    from uses
),

{{ segmentation.counted_shares() }},

segment_counts as (
    select
        members.segment,
        uses.feature,
        cast(count(*) as bigint) as adopters_ever,
        cast(percentile_cont(5e-1) within group (order by uses.days_to_first_use) as double) as median_days_to_first_use
    from members
    inner join uses on members.user_id = uses.user_id
    group by members.segment, uses.feature
),

population_counts as (
    select
        feature,
        cast(count(*) as bigint) as adopters_ever
    from uses
    group by feature
),

-- One row per segment and feature, also where nobody is in the one or uses the other.
counts as (
    select
        item_counts.segment,
        item_counts.item as feature,
        item_counts.n,
        item_counts.baseline_n,
        item_counts.population_n,
        item_counts.accounts,
        item_counts.baseline_accounts,
        item_counts.squares as segment_squares,
        item_counts.products as segment_products,
        item_counts.population_squares,
        item_counts.success_squares as adopter_squares,
        item_counts.success_products as adopters_by_members,
        item_counts.success_by_users as adopters_by_users,
        item_counts.success_by_all as adopters_by_all,
        item_counts.all_success_by_members as all_adopters_by_members,
        item_counts.all_success_squares as all_adopter_squares,
        item_counts.all_success_by_users as all_adopters_by_users,
        item_counts.successes as adopters_28d,
        item_counts.baseline_successes as baseline_adopters_28d,
        item_counts.population_successes as population_adopters_28d,
        coalesce(segment_counts.adopters_ever, 0) as adopters_ever,
        coalesce(population_counts.adopters_ever, 0) - coalesce(segment_counts.adopters_ever, 0)
            as baseline_adopters_ever,
        segment_counts.median_days_to_first_use
    from item_counts
    left join population_counts on item_counts.item = population_counts.feature
    left join segment_counts
        on
            item_counts.segment = segment_counts.segment
            and item_counts.item = segment_counts.feature
)

select * from counts
