{{ config(materialized='view') }}
{%- set features = segmentation.listed_events() | selectattr('is_feature') | map(attribute='name') | list %}
{%- set launches = {} %}
{%- for event in segmentation.setting('events') %}{% do launches.update({event.name: event}) %}{% endfor %}

-- Users of a feature differ from others in more than the feature: what is side by side here is associated, not caused.
with
data_through as (
    select * from {{ ref('data_through') }}
),

segments as (
    select segment from {{ ref('segments') }}
    where retired_on is null or retired_on >= data_through
),

user_event_days as (
    select * from {{ ref('user_event_days') }}
    where event_name in ({{ segmentation.text_literals(features or ['']) }})
),

messages as (
    select * from {{ ref('user_messages') }}
    where not coalesce(is_superseded, false)
),

features as (
    {%- for feature in features %}
    select
        {{ segmentation.text_literal(feature) }} as feature,
        {{ segmentation.text_or_null(launches.get(feature, {}).get('announced_by')) }} as announced_by,
        cast({{ segmentation.text_or_null(launches.get(feature, {}).get('launched_on')) }} as date) as launched_on
    union all
    {%- endfor %}
    -- No row, but columns, also where no event is a feature.
    select
        cast(null as {{ dbt.type_string() }}) as feature,
        cast(null as {{ dbt.type_string() }}) as announced_by,
        cast(null as date) as launched_on
    where false
),

population as (
    select
        user_id,
        revenue_91d,
        active_days_28d > 0 as is_active,
        active_days_previous_28d > 0 as was_active,
        as_of_date
    from {{ ref('user_features') }}
    where {{ segmentation.at_newest_date() }}
),

members as (
    select
        user_segments.user_id,
        user_segments.segment
    from {{ ref('user_segments') }} as user_segments
    inner join segments on user_segments.segment = segments.segment
    where {{ segmentation.at_newest_date() }}
    union all
    select
        user_id,
        '__all__' as segment
    from population
),

uses as (
    select
        population.user_id,
        user_event_days.event_name as feature,
        max(
            case
                when {{ segmentation.in_window('user_event_days.event_date', 'population.as_of_date', 28) }} then 1
                else 0
            end
        ) = 1 as is_user,
        max(
            case
                when {{ segmentation.in_window('user_event_days.event_date', 'population.as_of_date', 28, 28) }} then 1
                else 0
            end
        ) = 1 as was_user,
        min(user_event_days.event_date) as first_use_date
    from user_event_days
    inner join population on user_event_days.user_id = population.user_id
    where user_event_days.known_date <= population.as_of_date
    group by population.user_id, user_event_days.event_name
),

told as (
    select
        messages.user_id,
        features.feature
    from messages
    inner join features on messages.campaign = features.announced_by
    cross join data_through
    where
        messages.user_id is not null
        and not coalesce(messages.is_holdout, false)
        and {{ segmentation.day_of('messages.assigned_at') }} <= data_through.data_through
    group by messages.user_id, features.feature
),

user_cells as (
    select
        population.user_id,
        features.feature,
        population.revenue_91d,
        population.is_active,
        population.was_active,
        coalesce(uses.is_user, false) as is_user,
        coalesce(uses.was_user, false) as was_user,
        coalesce(uses.first_use_date >= features.launched_on, false) as is_since_launch,
        told.user_id is not null as is_told
    from population
    cross join features
    left join uses
        on
            population.user_id = uses.user_id
            and features.feature = uses.feature
    left join told
        on
            population.user_id = told.user_id
            and features.feature = told.feature
),

cells as (
    select
        members.segment,
        user_cells.feature,
        {%- for column, condition in [
            ('n', 'true'), ('adopters_28d', 'is_user'), ('earlier_adopters', 'was_user'),
            ('retained_adopters', 'was_user and is_active'), ('earlier_others', 'was_active and not was_user'),
            ('retained_others', 'was_active and not was_user and is_active'), ('adopters_since_launch', 'is_since_launch'),
            ('told_users', 'is_told'), ('told_adopters', 'is_told and is_since_launch'),
        ] %}
        cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ column }},
        {%- endfor %}
        coalesce(sum(user_cells.revenue_91d), 0e0) as revenue,
        coalesce(sum(case when user_cells.is_user then user_cells.revenue_91d end), 0e0) as adopter_revenue
    from members
    inner join user_cells on members.user_id = user_cells.user_id
    group by members.segment, user_cells.feature
),

beside_others as (
    select
        cells.*,
        cells.adopters_28d / cast(nullif(cells.n, 0) as double) as mean,
        (everybody.adopters_28d - cells.adopters_28d) / cast(nullif(everybody.n - cells.n, 0) as double)
            as baseline_mean,
        cells.revenue / nullif(cells.n, 0) as revenue_per_user_91d,
        features.announced_by,
        features.launched_on
    from cells
    inner join cells as everybody
        on
            cells.feature = everybody.feature
            and everybody.segment = '__all__'
    inner join features on cells.feature = features.feature
),

-- Reach × gap × value: how many lack it, how far they could come, what each pays.
weighted as (
    select
        *,
        case
            when segment != '__all__'
                then (n - adopters_28d) * greatest(coalesce(baseline_mean, mean) - mean, 0e0) * revenue_per_user_91d
        end as opportunity
    from beside_others
),

feature_value as (
    select
        weighted.segment,
        weighted.feature,
        weighted.announced_by,
        weighted.n,
        weighted.adopters_28d,
        weighted.n - weighted.adopters_28d as reach,
        weighted.earlier_adopters,
        weighted.earlier_others,
        case when weighted.launched_on is not null then weighted.adopters_since_launch end as adopters_since_launch,
        case when weighted.announced_by is not null then weighted.told_users end as told_users,
        case
            when weighted.announced_by is not null and weighted.launched_on is not null then weighted.told_adopters
        end as told_adopters,
        case
            when weighted.opportunity > 0
                then
                    cast(row_number() over (
                        order by coalesce(weighted.opportunity, -1e0) desc, weighted.segment asc, weighted.feature asc
                    ) as bigint)
        end as roadmap_rank,
        weighted.mean,
        weighted.baseline_mean,
        weighted.revenue_per_user_91d,
        weighted.adopter_revenue / nullif(weighted.adopters_28d, 0) as adopter_revenue_per_user_91d,
        (weighted.revenue - weighted.adopter_revenue) / nullif(weighted.n - weighted.adopters_28d, 0)
            as other_revenue_per_user_91d,
        weighted.retained_adopters / cast(nullif(weighted.earlier_adopters, 0) as double) as adopter_retention,
        weighted.retained_others / cast(nullif(weighted.earlier_others, 0) as double) as other_retention,
        weighted.opportunity,
        weighted.launched_on,
        data_through.data_through as as_of_date,
        data_through.data_through
    from weighted
    cross join data_through
)

select * from feature_value
